package tracefile

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"strait/internal/print"
	"strait/syscalls"
)

// jsonEvent is a line of docs/json.md, as far as it is compared.
type jsonEvent struct {
	Type    string     `json:"type"`
	PID     int        `json:"pid"`
	TID     int        `json:"tid"`
	Parent  int        `json:"parent"`
	Mono    int64      `json:"mono"`
	Name    string     `json:"name"`
	ABI     string     `json:"abi"`
	Args    []jsonNode `json:"args"`
	Ret     *int64     `json:"ret"`
	Errno   string     `json:"errno"`
	Result  []jsonNode `json:"result"`
	Signal  string     `json:"signal"`
	Siginfo *jsonNode  `json:"siginfo"`
	Status  int        `json:"status"`
	Exe     string     `json:"exe"`
	Exe64   *string    `json:"exe_base64"`
	Stack   []string   `json:"stack"`
}

type jsonNode struct {
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Value    json.RawMessage `json:"value"`
	Base64   *string         `json:"value_base64"`
	Text     string          `json:"text"`
	Flags    []string        `json:"flags"`
	Rest     uint64          `json:"rest"`
	Signals  []string        `json:"signals"`
	Path     string          `json:"path"`
	Path64   *string         `json:"path_base64"`
	Deleted  bool            `json:"deleted"`
	Details  string          `json:"details"`
	Comm     string          `json:"comm"`
	Comm64   *string         `json:"comm_base64"`
	Minus    uint64          `json:"minus"`
	Shift    int             `json:"shift"`
	Either   bool            `json:"alternatives"`
	Count    uint32          `json:"count"`
	Nsec     uint32          `json:"nsec"`
	Cut      bool            `json:"cut"`
	Abstract bool            `json:"abstract"`
	NUL      bool            `json:"nul"`
	After    bool            `json:"after"`
	Items    []jsonNode      `json:"items"`
}

// readJSON reads a trace of strait --json. Its lines stand where calls ended;
// they are put where they began.
func readJSON(in *bufio.Reader) (*Trace, error) {
	t := &Trace{JSON: true}
	var began []int64
	for n, whole := 1, true; whole; n++ {
		var line string
		var err error
		if line, whole, err = nextLine(in); err != nil {
			return nil, fmt.Errorf("read trace: %w", err)
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		var j jsonEvent
		if err := json.Unmarshal([]byte(line), &j); err != nil {
			if !whole {
				t.Cut = n
				break
			}
			return nil, fmt.Errorf("read trace: line %d: %w", n, err)
		}
		e, err := j.entry()
		if err != nil {
			return nil, fmt.Errorf("read trace: line %d: %w", n, err)
		}
		e.Line = n
		t.Entries, began = append(t.Entries, e), append(began, j.Mono)
	}
	sortBy(t.Entries, began)
	return t, nil
}

var jsonKinds = map[string]Kind{
	"call": Call, "signal": Signal, "stop": Stopped, "start": Start, "exec": Exec, "exit": Exited,
	"killed": Killed, "superseded": Superseded, "detached": Superseded,
}

func (j *jsonEvent) entry() (Entry, error) {
	kind, ok := jsonKinds[j.Type]
	if !ok {
		return Entry{}, fmt.Errorf("%q is no type of event that strait --json writes", j.Type)
	}
	e := Entry{Kind: kind, PID: j.PID, TID: j.TID, Parent: j.Parent, Name: j.Signal, Status: j.Status, Stack: j.Stack}
	if kind == Exec {
		e.Name = bytesOf(j.Exe, j.Exe64)
	}
	if j.Siginfo != nil {
		b := newNodes()
		b.add(j.Siginfo)
		e.Args = []string{b.text(b.ev.Nodes)}
	}
	if kind != Call {
		return e, nil
	}
	b := newNodes()
	b.ev.ABI = syscalls.ByName(j.ABI)
	if b.ev.ABI != nil {
		if nr, ok := b.ev.ABI.Number(j.Name); ok {
			b.ev.Call = b.ev.ABI.Call(nr)
		}
	}
	for i := range j.Args {
		b.add(&j.Args[i])
	}
	b.ev.EnterEnd = len(b.ev.Nodes)
	c, err := ParseCall(j.Name + "(" + b.text(b.ev.Nodes) + ") = " + j.result())
	if err != nil {
		return e, err
	}
	c.PID, c.TID, c.Stack = e.PID, e.TID, e.Stack
	return c, nil
}

func (j *jsonEvent) result() string {
	switch {
	case j.Ret == nil:
		return "?"
	case j.Errno != "":
		return "-1 " + j.Errno
	case len(j.Result) == 0:
		return strconv.FormatInt(*j.Ret, 10)
	}
	b := newNodes()
	b.add(&j.Result[0])
	s := b.text(b.ev.Nodes)
	if len(j.Result) > 1 {
		b := newNodes()
		for i := range j.Result[1:] {
			b.add(&j.Result[1+i])
		}
		// A word such as "flags" ends in a space and has no comma behind it.
		s += " (" + strings.ReplaceAll(b.text(b.ev.Nodes), " , ", " ") + ")"
	}
	return s
}

// nodes makes an event's nodes of those in JSON, so that a call comes out in the
// words of the text printer.
type nodes struct{ ev syscalls.Event }

func newNodes() *nodes { return &nodes{} }

// text prints top-level nodes as arguments.
func (b *nodes) text(list []syscalls.Node) string {
	var t print.Text
	b.ev.Nodes, b.ev.EnterEnd = list, len(list)
	if b.ev.Call == nil {
		b.ev.Call = &syscalls.Call{}
	}
	s := string(t.AppendEnter(nil, &b.ev))
	return s[strings.IndexByte(s, '(')+1:]
}

func (b *nodes) add(j *jsonNode) {
	kind, ok := print.KindNamed(j.Kind)
	if !ok {
		kind = syscalls.Lit
	}
	at := len(b.ev.Nodes)
	n := syscalls.Node{Kind: kind, Name: j.Name}
	j.value(&n)
	switch {
	case kind == syscalls.SigSet:
		set := signalSet(j.Signals)
		n.Off, n.Len = b.ev.Keep(set[:])
	case kind == syscalls.Flags || kind == syscalls.Lit || j.Text != "" && inWords[kind]:
		n = b.word(j, n)
	case kind == syscalls.Str:
		b.bytes(j, &n)
	case kind == syscalls.IP6:
		if ip, err := netip.ParseAddr(j.Text); err == nil {
			a := ip.As16()
			n.Off, n.Len = b.ev.Keep(a[:])
		}
	case j.Path != "" || j.Path64 != nil || j.Details != "" || j.Comm != "" || j.Comm64 != nil:
		n.Flags |= syscalls.HasFD
		n.Off, n.Len = b.ev.Keep([]byte(j.called()))
	case kind == syscalls.Labelled || kind == syscalls.Resuming || kind == syscalls.Shifted:
		n.Name = j.Text
	case kind == syscalls.IfIndex && j.Text != "":
		n.Flags |= syscalls.HasFD
		n.Off, n.Len = b.ev.Keep([]byte(j.Text))
	case kind == syscalls.Index:
		n.Val = j.Minus
	case kind == syscalls.Date:
		n.Len = max(j.Nsec, j.Count)
		n.Flags |= syscalls.IsNsec
	default:
		n.Len = j.Count
	}
	if j.After {
		n.Flags |= syscalls.Arrow
	}
	if j.Cut {
		n.Flags |= syscalls.Cut
	}
	if j.Either {
		n.Flags |= syscalls.AllNames
	}
	b.ev.Nodes = append(b.ev.Nodes, n)
	for i := range j.Items {
		if n.Kind == syscalls.Lit && kind != syscalls.Lit { // the word is all of it
			break
		}
		b.add(&j.Items[i])
	}
	b.ev.Nodes[at].End = uint32(len(b.ev.Nodes))
}

// inWords are the kinds of which text has only the words that JSON has, too.
var inWords = map[syscalls.Kind]bool{
	syscalls.Enum: true, syscalls.Struct: true, syscalls.Symbol: true, syscalls.MAC: true, syscalls.UUID: true, syscalls.WaitStatus: true,
}

// value reads a number.
func (j *jsonNode) value(n *syscalls.Node) {
	if v, err := strconv.ParseUint(string(j.Value), 10, 64); err == nil {
		n.Val = v
	} else if v, err := strconv.ParseInt(string(j.Value), 10, 64); err == nil {
		n.Val = uint64(v)
	}
}

// word makes a node of words: a value of an enumeration, or bits.
func (b *nodes) word(j *jsonNode, n syscalls.Node) syscalls.Node {
	s := j.Text
	if n.Kind == syscalls.Flags {
		s = strings.Join(j.Flags, "|")
		if j.Rest != 0 || s == "" {
			s += "|" + strings.Replace(fmt.Sprintf("%#x", j.Rest), "0x0", "0", 1)
		}
		s = strings.TrimPrefix(s, "|")
	}
	if j.Shift != 0 {
		s += "<<" + strconv.Itoa(j.Shift)
	}
	if n.Name != "" && n.Kind != syscalls.Lit && b.inStruct() {
		s = n.Name + "=" + s
	}
	return syscalls.Node{Kind: syscalls.Lit, Name: s}
}

// signalSet makes a mask of the names of signals.
func signalSet(names []string) (set [8]byte) {
	for sig := 1; sig <= 64; sig++ {
		if slices.Contains(names, print.SignalName(sig)) {
			set[(sig-1)/8] |= 1 << ((sig - 1) % 8)
		}
	}
	return set
}

// inStruct says whether the node that comes next is a field: the printer writes
// the names of fields before values, but not before words.
func (b *nodes) inStruct() bool {
	for i := len(b.ev.Nodes) - 1; i >= 0; i-- {
		if n := &b.ev.Nodes[i]; n.End == 0 { // still open
			return n.Kind == syscalls.Struct
		}
	}
	return false
}

func (b *nodes) bytes(j *jsonNode, n *syscalls.Node) {
	var p []byte
	if j.Base64 != nil {
		p, _ = base64.StdEncoding.DecodeString(*j.Base64)
	} else {
		var s string
		if json.Unmarshal(j.Value, &s) == nil {
			p = []byte(s)
		}
	}
	length := uint32(len(p))
	if j.NUL {
		p = append(p, 0)
		n.Flags |= syscalls.NULBehind
	}
	n.Off, _ = b.ev.Keep(p)
	n.Len = length
	if j.Abstract {
		n.Flags |= syscalls.Abstract
	}
}

// called is what a descriptor or process is called, as a node has it.
func (j *jsonNode) called() string {
	s := bytesOf(j.Path, j.Path64) + bytesOf(j.Comm, j.Comm64)
	switch {
	case j.Details != "":
		s += "\x00" + j.Details
	case j.Deleted:
		s += " (deleted)"
	}
	return s
}

// bytesOf are the bytes of a key, or those of the one with _base64 behind it.
func bytesOf(s string, base *string) string {
	if base == nil {
		return s
	}
	p, _ := base64.StdEncoding.DecodeString(*base)
	return string(p)
}

// sortBy sorts entries by when they began; those of one time stay in their order.
func sortBy(list []Entry, began []int64) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(began[a], began[b]) })
	sorted := make([]Entry, len(list))
	for i, k := range order {
		sorted[i] = list[k]
	}
	copy(list, sorted)
}
