package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"strait/internal/golden"

	"github.com/spf13/pflag"
)

const diffHelp = `Usage: %s diff [FLAG]... A B

Says what two traces of a program do otherwise: what is new (+), gone (-) or
changed (~) in B. A and B are saved traces (strait --json, or the text of strace
or strait, best with -f -y; of -ff -o FILE all files, as FILE), or golden traces of
strait test.

The exit status is 0 if they do the same, 1 if not, 2 if one cannot be read.

`

// diffFlags are the flags of strait diff.
type diffFlags struct {
	depth, cwd            string
	noise                 []string
	asJSON, stacks, rules bool
}

func (f *diffFlags) set() *pflag.FlagSet {
	fs := pflag.NewFlagSet("diff", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.depth, "depth", "", "compare at `DEPTH`: effects, calls (the default) or everything")
	among(fs, "depth", "effects", "calls", "everything")
	fs.BoolVar(&f.asJSON, "json", false, "write an object a line for each difference")
	fs.StringArrayVar(&f.noise, "noise", nil, "leave out lines like `LINE`, in which * stands for anything")
	fs.StringVar(&f.cwd, "cwd", "", "where both were started, `DIR`, if the traces do not tell")
	fs.BoolVar(&f.stacks, "stack", false, "write the stacks that a trace has (-k) under what is new")
	fs.BoolVar(&f.rules, "rules", false, "write which rule of a policy would allow what is new")
	return fs
}

// diffMain is strait diff.
func diffMain(e *environment, args []string, stdout, stderr io.Writer) int {
	var f diffFlags
	fs := f.set()
	name := e.Name + " diff"
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Fprintf(stdout, diffHelp+"%s", e.Name, fs.FlagUsagesWrapped(79))
			return 0
		}
		complain(stderr, name, badUsage("%s", err))
		return 2
	}
	if fs.NArg() != 2 {
		complain(stderr, name, badUsage("two traces are needed: %s A B", name))
		return 2
	}
	o := golden.Options{CWD: f.cwd}
	for _, n := range f.noise {
		o.Noise = append(o.Noise, golden.Noise{Line: n})
	}
	list, err := diffFiles(fs.Arg(0), fs.Arg(1), f.depth, o, stderr, name)
	if err != nil {
		complain(stderr, name, err)
		return 2
	}
	if f.asJSON {
		err = writeDifferences(stdout, list)
	} else {
		_, err = io.WriteString(stdout, golden.Report(list, golden.ReportStyle{Stacks: f.stacks, Rules: f.rules}, ""))
	}
	if err != nil {
		complain(stderr, name, err)
		return 2
	}
	if len(list) > 0 {
		return 1
	}
	return 0
}

// diffFiles compares two files, at the depth of a golden one if one is.
func diffFiles(a, b, depth string, o golden.Options, stderr io.Writer, name string) ([]golden.Section, error) {
	o.Depth = golden.Calls
	if depth != "" {
		d, err := golden.ParseDepth(depth)
		if err != nil {
			return nil, err
		}
		o.Depth = d
	}
	var files [2]*golden.File
	for i, file := range []string{a, b} {
		f, err := golden.Open(file)
		if err != nil {
			return nil, err
		}
		for _, w := range f.Warnings {
			complain(stderr, name, errors.New(w))
		}
		files[i] = f
	}
	if err := depthOf(&o, files, depth != ""); err != nil {
		return nil, err
	}
	if o.CWD == "" && (files[0].CWD == "" || files[1].CWD == "") { // one may tell for both
		o.CWD = cmp.Or(files[0].CWD, files[1].CWD)
	}
	return golden.Compare(files[0].Trace(o), files[1].Trace(o)), nil
}

// depthOf takes the depth of a golden trace, if there is one, unless another was
// asked for.
func depthOf(o *golden.Options, files [2]*golden.File, asked bool) error {
	for _, f := range files {
		switch {
		case f.Golden == nil || f.Golden.Depth == o.Depth:
		case asked:
			return fmt.Errorf("%s is a golden trace of depth %s: it cannot be compared at depth %s", f.Name, f.Golden.Depth, o.Depth)
		default:
			o.Depth = f.Golden.Depth
		}
		asked = asked || f.Golden != nil
	}
	return nil
}

// jsonDifference is a line of strait diff --json.
type jsonDifference struct {
	Kind    string   `json:"kind"` // new, gone, changed
	Process string   `json:"process"`
	Program string   `json:"program"`
	Was     string   `json:"was,omitempty"`
	Now     string   `json:"now,omitempty"`
	WasLine int      `json:"was_line,omitempty"`
	NowLine int      `json:"now_line,omitempty"`
	Rules   []string `json:"rules,omitempty"`
	Stack   []string `json:"stack,omitempty"`
}

func writeDifferences(w io.Writer, list []golden.Section) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range list {
		for k := range list[i].Lines {
			d := &list[i].Lines[k]
			j := jsonDifference{
				Kind: d.Kind.String(), Process: d.Process.ID, Program: strings.TrimSpace(d.Process.Program),
				Was: d.Was.Text, Now: d.Now.Text, WasLine: d.Was.At, NowLine: d.Now.At, Stack: d.Now.Stack,
			}
			if d.Kind != golden.Gone {
				j.Rules = golden.Rules(&d.Now)
			}
			if err := enc.Encode(j); err != nil {
				return err
			}
		}
	}
	return nil
}
