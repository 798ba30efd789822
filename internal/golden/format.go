package golden

import (
	"bytes"
	"fmt"
	"strings"
)

// header begins a golden file.
const header = "strait golden trace, version 1, "

// Format writes a behaviour as the text that Parse reads:
//
//	strait golden trace, version 1, calls
//
//	process 1: sh
//	  exec sh [sh -c true]
//
//	process 1.1: app (any order)
//	  open ./in O_RDONLY
func (t *Trace) Format() []byte {
	var b bytes.Buffer
	b.WriteString(header + t.Depth.String() + "\n")
	for _, p := range t.Processes {
		b.WriteString("\nprocess " + p.title(t.Depth) + "\n")
		for i := range p.Lines {
			b.WriteString("  " + p.Lines[i].Text + "\n")
		}
	}
	return b.Bytes()
}

const anyOrder = " (any order)"

func (p *Process) title(d Depth) string {
	s := p.ID
	if d != Effects {
		s += ": " + p.Program
		if p.AnyOrder {
			s += anyOrder
		}
	}
	return s
}

// Parse reads a golden file. Lines that begin with # are comments. Errors begin
// with file:line.
func Parse(name string, src []byte) (*Trace, error) {
	t := &Trace{Name: name}
	seen := false
	n := 0
	for line := range bytes.Lines(src) {
		n++
		s := strings.TrimRight(string(line), " \t\r\n")
		switch {
		case s == "" || s[0] == '#':
		case !seen:
			depth, ok := strings.CutPrefix(s, header)
			if v, other := strings.CutPrefix(s, "strait golden trace, version "); !ok && other {
				v, _, _ = strings.Cut(v, ",")
				return nil, fmt.Errorf("%s:%d: a golden trace of version %q, which this strait cannot read: it reads 1 (strait test -update writes it anew)", name, n, v)
			}
			if !ok {
				return nil, fmt.Errorf("%s:%d: no golden trace: it must begin with %q", name, n, header+"effects")
			}
			d, err := ParseDepth(depth)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, err)
			}
			t.Depth, seen = d, true
		case strings.HasPrefix(s, "process "):
			p, err := parseTitle(s[len("process "):], t.Depth)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, err)
			}
			p.At = n
			t.Processes = append(t.Processes, p)
		case strings.HasPrefix(s, "  ") && len(t.Processes) > 0:
			p := t.Processes[len(t.Processes)-1]
			p.Lines = append(p.Lines, Line{Text: s[2:], At: n})
		default:
			return nil, fmt.Errorf("%s:%d: %.40q is neither a process nor, by two spaces before it, a line of one", name, n, s)
		}
	}
	if !seen {
		return nil, fmt.Errorf("%s:1: the file is empty (strait test -update writes it)", name)
	}
	return t, nil
}

func parseTitle(s string, d Depth) (*Process, error) {
	if d == Effects {
		parts := strings.Split(s, " > ")
		return &Process{ID: s, Program: parts[len(parts)-1], AnyOrder: true}, nil
	}
	id, program, ok := strings.Cut(s, ": ")
	if !ok || strings.Trim(id, "0123456789.#") != "" || id == "" {
		return nil, fmt.Errorf("%q: a process is its place and its program: process 1.2: git", s)
	}
	program, any := strings.CutSuffix(program, anyOrder)
	return &Process{ID: id, Program: program, AnyOrder: any}, nil
}
