package main

import (
	"cmp"
	"os"

	"strait/internal/print"
	"strait/internal/stacks"
	"strait/syscalls"

	"golang.org/x/term"
)

// prepare sets the decoder and the sink up.
func (s *session) prepare(out *output) {
	o := s.o
	s.dec.StringLimit = o.StringLimit
	s.dec.Inner = true
	s.native = syscalls.ABIID(personalities()[0].abi)
	if o.StringLimit == 0 {
		s.dec.StringLimit = -1
	}
	s.dec.FDs = o.DecodeFDs != 0 || len(o.Paths) > 0
	s.dec.PIDs = o.DecodePIDs != 0
	s.dec.Namespaces = o.Namespaces
	s.dec.VCPUs = o.KVM != kvmNone
	if o.Summary != summaryNone {
		s.sum = print.NewSummary(s.table())
	}
	if o.Stack != stackNone && o.Summary != summaryOnly {
		s.stacks = &stacks.Taker{Limit: o.StackFrames, Source: o.Stack == stackSource}
	}
	s.output = out
	out.after = s.after()
	if o.DecodePIDs&pidComm != 0 {
		s.comm = comms{}
		out.comm = s.comm.name
	}
	if o.PerProcess && s.comm == nil {
		s.comm = comms{}
	}
	switch {
	case o.Summary == summaryOnly:
		l := out.lines(out.w)
		l.PIDs = s.tasks
		s.out = notices{l}
	case o.JSON && o.Separate && o.OutputSet:
		s.out = &jsonPerProcess{files: perProcess{out}, json: print.JSONLines{Stack: s.stackOf()}}
	case o.JSON:
		s.out = &print.JSONLines{Out: out.w, Stack: s.stackOf()}
	case o.Separate && o.OutputSet:
		s.out = perProcess{out}
	default:
		l := out.lines(out.w)
		l.PIDs = s.tasks
		l.Text.Color = s.colors(out)
		s.out = l
		if !o.OutputSet {
			s.loud.before = func() { l.Break(); _ = l.Flush() }
		}
	}
	s.live = !o.OutputSet || out.shared
	s.noTouch = noTouch()
	s.decodes = o.Summary != summaryOnly || len(o.Paths) > 0 || o.TraceFDs != nil
	if len(o.Injections) > 0 {
		s.tamp = newTamperer(o)
		s.decodes = s.decodes || len(s.tamp.conds) > 0
		s.dec.FDs = s.dec.FDs || len(s.tamp.conds) > 0
	}
}

// tasks is how many tasks there are.
func (s *session) tasks() int {
	if s.o.AlwaysPID {
		return 2
	}
	if s.t == nil {
		return s.watched + s.leaving
	}
	return s.t.Count() + s.leaving
}

func (s *session) colors(*output) *print.Colors {
	on := s.o.Color == colorAlways
	if _, no := os.LookupEnv("NO_COLOR"); s.o.Color == colorAuto && !s.o.OutputSet && !no {
		kind := os.Getenv("TERM")
		on = kind != "" && kind != "dumb" && term.IsTerminal(int(os.Stderr.Fd()))
	}
	if !on {
		return nil
	}
	return print.NewColors(os.Getenv("STRACE_COLORS"))
}

// personality tells when a task begins to make calls of another ABI.
func (s *session) personality(st *taskState, ev *syscalls.Event) {
	s.abi = ev.ABI
	if st.abi == ev.ABI {
		return
	}
	last, before := st.abi, cmp.Or(st.abi, st.born)
	st.abi = ev.ABI
	native := before == nil && ev.ABI.ID == syscalls.ABIID(personalities()[0].abi)
	if native || before == ev.ABI || s.o.Quiet&quietPersonality != 0 {
		return
	}
	if l, ok := s.out.(interface {
		Personality(ev *syscalls.Event, last *syscalls.ABI, nr uint64)
	}); ok {
		l.Personality(ev, last, st.nr)
	}
}

// summary writes the table of -c and the tree of --tree.
func (s *session) summary(out *output) {
	w := out.w
	apart := out.each != nil || s.o.JSON // no file of -ff is about all processes
	if apart {
		w = print.NewWriter(s.loud.w)
	}
	if s.sum != nil {
		w.Write(s.sum.Append(nil))
	}
	if s.o.Tree {
		w.Write(s.tree.Append(nil))
	}
	if apart {
		_ = w.Flush()
	}
}

// table is what -c counts and shows.
func (s *session) table() print.SummaryOptions {
	opt := print.SummaryOptions{Wall: s.o.Wall, PerProcess: s.o.PerProcess, SortBy: print.Column(s.o.SortBy)}
	for _, c := range s.o.Table {
		opt.Columns = append(opt.Columns, print.Column(c))
	}
	if s.o.Overhead != nil {
		opt.Overhead = *s.o.Overhead
	}
	return opt
}
