package tracefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
)

// A Trace is a saved trace.
type Trace struct {
	Entries []Entry // a call where it was entered
	JSON    bool    // it was written by strait --json
	Other   int     // how many lines are not of a trace
	Cut     int     // the line in the middle of which the trace ends; 0: it is whole
}

// Read reads a trace: what strait --json writes, or the text of strace and
// strait, with whatever columns stand before and behind the calls (-f, -t, -r,
// -i, -n, -T, -y, -k). What is no line of a trace, as output of the program in
// between, becomes an entry of kind Other.
func Read(r io.Reader) (*Trace, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(1)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read trace: %w", err)
	}
	if len(head) == 1 && head[0] == '{' {
		return readJSON(in)
	}
	p := &textReader{open: map[int]int{}, alive: map[int]bool{}}
	for n := 1; ; n++ {
		line, whole, err := nextLine(in)
		if err != nil {
			return nil, fmt.Errorf("read trace: %w", err)
		}
		if line == "" && !whole {
			break
		}
		if !whole {
			p.trace.Cut = n
		}
		p.line(line, n)
	}
	p.finish()
	return &p.trace, nil
}

// nextLine reads a line; whole says that it has an end.
func nextLine(in *bufio.Reader) (line string, whole bool, err error) {
	s, err := in.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	line, whole = strings.CutSuffix(s, "\n")
	return strings.TrimSuffix(line, "\r"), whole, err
}

// A textReader reads the text of strace. An interrupted call is kept as text
// until it is whole.
type textReader struct {
	trace Trace
	texts []string     // of calls, parsed in the end
	open  map[int]int  // task: its interrupted call
	alive map[int]bool // tasks that were named and have not ended since
	last  int          // entry that a stack stands under, +1
	torn  int          // call whose line goes on behind a message, +1
}

func (p *textReader) add(e Entry, text string) int {
	p.trace.Entries = append(p.trace.Entries, e)
	p.texts = append(p.texts, text)
	p.last = len(p.texts)
	return len(p.texts) - 1
}

// color is what switches colours on and off, as strace and strait do at a terminal.
// What a program has of it stands in strings, escaped.
var color = lazyregexp.New("\x1b\\[[0-9;]*m")

func (p *textReader) line(s string, n int) {
	if strings.IndexByte(s, 0x1b) >= 0 {
		s = color.ReplaceAllString(s, "")
	}
	if frame, ok := strings.CutPrefix(s, " > "); ok && p.last > 0 {
		e := &p.trace.Entries[p.last-1]
		e.Stack = append(e.Stack, frame)
		return
	}
	if p.torn > 0 && !isMessage(s) {
		i := p.torn - 1
		p.torn = 0
		p.texts[i] += s
		p.interrupted(p.trace.Entries[i].TID, i)
		return
	}
	tid, text := prefix(s)
	tid = p.whose(tid)
	if strings.HasSuffix(text, " attached") {
		if head := attaching.FindStringSubmatch(text); head != nil {
			p.torn = p.add(Entry{Kind: Call, TID: tid, Line: n}, head[1]) + 1
			return
		}
	}
	switch {
	case strings.TrimSpace(text) == "", isMessage(text):
	case strings.HasPrefix(text, "<... ") && p.resume(tid, text):
	case text == "<detached ...>", strings.HasPrefix(text, "<pid changed"), strings.HasPrefix(text, "<unfinished"):
	case strings.HasPrefix(text, "--- "), strings.HasPrefix(text, "+++ "):
		p.event(tid, text, n)
	default:
		p.call(tid, text, n, s)
	}
}

// whose is the task of a line that names tid, or none: strace names tasks while there
// are several.
func (p *textReader) whose(tid int) int {
	switch {
	case tid != 0:
		p.alive[tid] = true
	case len(p.alive) == 1:
		for tid = range p.alive {
			return tid
		}
	}
	return tid
}

// isMessage says whether a line is strace's or strait's own word.
func isMessage(s string) bool {
	return s != "" && strings.IndexByte("/s[", s[0]) >= 0 && message.MatchString(s)
}

var message = lazyregexp.New(`^(?:(?:/[^ ]*/)?(?:strace|strait): |\[ Process PID=)`)

// attaching is a call that makes a process, in whose line strace says that it attached
// that, as it does where trace and messages go to one place. The rest of the call
// stands in the next line.
var attaching = lazyregexp.New(`^((?:v?fork|clone3?)\([^/]*?)(?:/[^ ]*/)?(?:strace|strait): Process \d+ attached$`)

// prefix takes off what stands before a call: the process id, times, the
// instruction pointer, the call's number.
func prefix(s string) (tid int, rest string) {
	s = strings.TrimLeft(s, " ")
	if rest, ok := strings.CutPrefix(s, "[pid "); ok {
		digits, rest := number(strings.TrimLeft(rest, " "))
		tid, _ = strconv.Atoi(digits)
		if _, after, ok := strings.Cut(rest, "] "); ok {
			s = after
		}
	} else if digits, rest := number(s); digits != "" && rest != "" && (rest[0] == ' ' || rest[0] == '<') {
		tid, _ = strconv.Atoi(digits)
		if n := notation.AngleEnd(digits+rest, len(digits)); n > 0 {
			rest = rest[n:]
		}
		s = rest
	}
	for {
		s = strings.TrimLeft(s, " ")
		n := column(s)
		if n == 0 {
			return tid, s
		}
		s = s[n:]
	}
}

func number(s string) (digits, rest string) {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return s[:n], s[n:]
}

// column is the length of a time or of something in brackets at the start of s.
func column(s string) int {
	switch {
	case s == "":
		return 0
	case '0' <= s[0] && s[0] <= '9':
		n := 0
		for n < len(s) && strings.IndexByte("0123456789:.", s[n]) >= 0 {
			n++
		}
		if n < len(s) && s[n] == ' ' {
			return n
		}
	case strings.HasPrefix(s, "(+"), s[0] == '[' && !strings.HasPrefix(s, "[ Process"):
		return strings.IndexAny(s, ")]") + 1
	}
	return 0
}

// resume completes an interrupted call: "<... read resumed>"x", 1) = 1".
func (p *textReader) resume(tid int, text string) bool {
	i, ok := p.open[tid]
	if !ok { // it had no name yet
		i, ok = p.open[0]
		delete(p.open, 0)
	}
	if !ok {
		return false
	}
	_, rest, ok := strings.Cut(text, " resumed>")
	if !ok {
		return false
	}
	p.texts[i] += rest
	p.last = i + 1
	p.interrupted(tid, i)
	return true
}

// interrupted notes whether the call i is open still.
func (p *textReader) interrupted(tid, i int) {
	delete(p.open, tid)
	head, ok := strings.CutSuffix(p.texts[i], " <unfinished ...>")
	if !ok {
		head, ok = strings.CutSuffix(p.texts[i], "<unfinished ...>")
	}
	if ok {
		p.texts[i], p.open[tid] = head, i
	}
}

func (p *textReader) call(tid int, text string, n int, whole string) {
	name, _, ok := strings.Cut(text, "(")
	if !ok || !isName(name) {
		p.trace.Other++
		named, _ := prefix(whole)
		p.add(Entry{Kind: Other, TID: named, Name: whole, Line: n}, "")
		return
	}
	p.interrupted(tid, p.add(Entry{Kind: Call, TID: tid, Line: n}, text))
}

// event reads "--- SIGCHLD {...} ---" and "+++ exited with 0 +++".
func (p *textReader) event(tid int, text string, n int) {
	e := Entry{TID: tid, Line: n, Kind: Other, Name: text}
	words := strings.Fields(text)
	after := func(k int) string {
		if k < len(words) {
			return words[k]
		}
		return ""
	}
	switch {
	case strings.HasPrefix(text, "--- stopped by "):
		e.Kind, e.Name = Stopped, after(3)
	case strings.HasPrefix(text, "--- "):
		e.Kind, e.Name = Signal, after(1)
		if info := strings.TrimSuffix(strings.TrimPrefix(text, "--- "+e.Name+" "), " ---"); strings.HasPrefix(info, "{") {
			e.Args = []string{info}
		}
	case strings.HasPrefix(text, "+++ exited with "):
		e.Kind, e.Name = Exited, ""
		e.Status, _ = strconv.Atoi(after(3))
	case strings.HasPrefix(text, "+++ killed by "):
		e.Kind, e.Name = Killed, after(3)
	case strings.HasPrefix(text, "+++ superseded by "):
		e.Kind = Superseded
		p.renamed(tid, after(6))
	default:
		p.trace.Other++
	}
	if e.Kind == Exited || e.Kind == Killed {
		delete(p.alive, tid)
	}
	p.add(e, "")
}

// renamed notes that a thread goes on under the id of another in the execve that it is in.
func (p *textReader) renamed(tid int, by string) {
	digits, _ := number(by)
	from, _ := strconv.Atoi(digits)
	delete(p.alive, from)
	if i, ok := p.open[from]; ok {
		delete(p.open, from)
		p.open[tid], p.trace.Entries[i].TID = i, tid
	}
}

// finish parses the calls, which are whole now.
func (p *textReader) finish() {
	for i := range p.trace.Entries {
		e := &p.trace.Entries[i]
		if e.Kind != Call {
			continue
		}
		c, err := ParseCall(p.texts[i])
		if err != nil {
			e.Kind, e.Name = Other, p.texts[i]
			p.trace.Other++
			continue
		}
		c.TID, c.Line, c.Stack = e.TID, e.Line, e.Stack
		*e = c
	}
}
