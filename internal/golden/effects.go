package golden

import (
	"cmp"
	"slices"
	"strings"

	"strait/policy"
)

// effects notes what a call does, for the program that does it.
func (b *builder) effects(t *task, e *Step) {
	if isTransient(e.Errno) && e.Errno != "EINPROGRESS" {
		return
	}
	if t.idle && t.isSleeper() || isFork(e.Name) && makesThread(&e.Entry) || t.proc.golang >= goSigns && isGoRuntime(&e.Entry) {
		return
	}
	for i := range e.Pairs {
		text := b.effectText(t, e, &e.Pairs[i])
		if text == "" || b.isNoise(t.proc.program(), text) {
			continue
		}
		b.effect(t.proc, &line{
			Line: Line{Text: text, Call: e.Name, Stack: e.Stack, At: e.Line, Pairs: b.ownPairs(e.Pairs[i : i+1])},
			proc: t.proc, after: t.proc.wrote, refused: t.proc.refused, looks: looks(e.Pairs[i].Effect),
		})
	}
}

// key is what a process is called at this depth: the programs that led to it.
func (p *process) key() string { return strings.Join(p.chain, " > ") }

// effect notes one for a chain of programs.
func (b *builder) effect(p *process, l *line) {
	key := p.key()
	c := b.chains[key]
	if c == nil {
		c = &process{chain: p.chain, effects: map[string]*line{}}
		b.chains[key] = c
		b.order = append(b.order, key)
	}
	switch was := c.effects[l.Text]; {
	case was == nil:
		c.effects[l.Text] = l
		c.order = append(c.order, l.Text)
	case b.isChanceOf(was) && !b.isChanceOf(l):
		c.effects[l.Text] = l
	}
}

// isChanceOf says whether a line may turn out to be chance, for what its process has
// written to.
func (b *builder) isChanceOf(l *line) bool { return len(l.after) > 0 || l.refused }

// looks says whether an effect changes nothing.
func looks(effect string) bool { return effect == "" || effect == "fs.read" || effect == "fs.stat" }

// effectText is an effect in words, or "" if it is nothing to keep.
func (b *builder) effectText(t *task, e *Step, p *policy.Pair) string {
	if p.Effect == "" {
		return ""
	}
	object := b.object(t, e, p)
	switch {
	case isFanOut(object, e.Errno):
		return ""
	case looks(p.Effect) && b.names.isKnown(object):
		return ""
	case (p.Effect == "fs.stat" || p.Effect == "exec" && e.Errno == "ENOENT") && b.names.isSearch(p.Path, e.Errno):
		return ""
	case p.Effect == "fs.stat" && e.emptyPath():
		return ""
	}
	text := p.Effect
	switch {
	case object == "":
	case p.Addr.Proto != "", strings.HasPrefix(object, "\x00"):
		text += " " + object
	default:
		text += " " + show(object)
	}
	if e.Errno != "" && e.Errno != "EINPROGRESS" {
		text += ": " + e.Errno
	}
	return text
}

// emptyPath says whether a call is about a descriptor though it takes a path:
// fstat(2) is newfstatat with an empty one.
func (e *Step) emptyPath() bool { return len(e.Args) > 1 && e.Args[1] == `""` }

// object is what an effect is about.
func (b *builder) object(t *task, e *Step, p *policy.Pair) string {
	switch {
	case p.Effect == "exec" && p.Path != "":
		return b.names.program(b.pairPath(p))
	case p.Path != "":
		return b.names.name(b.pairPath(p))
	case p.Addr.Proto != "":
		return b.addressName(t, e, p)
	case p.Self:
		return "self"
	case p.PID != 0:
		if other := b.lookup(p.PID); other != nil {
			return b.later(other)
		}
		return "other"
	case !p.Known && (strings.HasPrefix(p.Effect, "fs.") || p.Effect == "exec"):
		return b.names.name(b.absolute(e))
	}
	return ""
}

func (b *builder) pairPath(p *policy.Pair) string {
	if strings.HasPrefix(p.Path, "/") {
		return p.Path
	}
	if b.o.CWD != "" {
		return b.o.CWD + "/" + strings.TrimPrefix(p.Path, "./")
	}
	return "./" + strings.TrimPrefix(p.Path, "./")
}

// addressName is an address; a port that the kernel chose has no number.
func (b *builder) addressName(t *task, e *Step, p *policy.Pair) string {
	a := p.Addr
	if a.Proto == "ip" && len(e.Args) > 0 {
		if fd, _, ok := descriptor(e.Args[0]); ok {
			if kind := t.proc.fds[fd]; strings.HasPrefix(kind, "tcp") || strings.HasPrefix(kind, "udp") {
				a.Proto = kind[:3]
			}
		}
	}
	if a.Proto == "unix" && strings.HasPrefix(a.Path, "/") {
		return "unix " + b.names.name(a.Path)
	}
	s := a.String()
	if i := strings.LastIndexByte(s, ':'); i > 0 && b.names.ports[s[i+1:]] {
		s = s[:i] + ":PORT"
	}
	return s
}

// lookup finds a task by an id that it has or had.
func (b *builder) lookup(tid int) *task {
	if t := b.tasks[tid]; t != nil {
		return t
	}
	return b.gone[tid]
}

func (b *builder) finishEffects(out *Trace) {
	for _, key := range b.order {
		c := b.chains[key]
		p := &Process{ID: key, Program: c.program(), AnyOrder: true}
		for _, text := range c.order {
			l := c.effects[text]
			if b.isEnd(l) {
				l.Text = endsWithReader
				p.Killed = p.Killed || l.proc.broken && !b.whole[key] // else what is gone may be another's
			}
			l.Text = b.resolve(l.Text)
			if !b.isCut(l.proc, l) && !b.isNoise(p.Program, l.Text) {
				p.Lines = append(p.Lines, l.Line)
			}
		}
		p.Lines = sortedOnce(p.Lines)
		out.Processes = append(out.Processes, p)
	}
	slices.SortStableFunc(out.Processes, func(a, b *Process) int { return cmp.Compare(a.ID, b.ID) })
}
