package policy

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
	"strait/syscalls"
)

// An importer makes observations of calls in a trace: it puts their words back
// into a memory of its own and lets the decoder read them there, so that what a
// call does is found in one way only.
type importer struct {
	o      ImportOptions
	abi    *syscalls.ABI
	dec    Decider
	rec    Recorder
	lost   []string
	untold []untold  // of traces
	task   string    // whose call it is
	fds    *imported // memory and descriptors of the last call
	sock   sockets
}

// An argument is one that was read from a trace.
type argument struct {
	num     uint64
	text    string
	isText  bool // text is in memory, with a NUL behind it
	raw     bool // ... without
	fd      string
	unknown bool // the trace does not tell
}

func newImporter(o ImportOptions) (*importer, error) {
	if o.ABI == "" {
		o.ABI = runtime.GOARCH
	}
	if o.Profile == "" {
		o.Profile = "main"
	}
	abi := syscalls.ByName(o.ABI)
	if abi == nil {
		return nil, fmt.Errorf("import: no ABI %q", o.ABI)
	}
	return &importer{o: o, abi: abi, dec: Decider{Resolver: Words{o.CWD}}}, nil
}

// call records one call; arg returns its arguments.
func (im *importer) call(name string, n int, arg func(c *syscalls.Call, i int) argument) (*syscalls.Event, error) {
	ev, lost, err := im.event(name, n, arg)
	if err != nil {
		return nil, err
	}
	pairs := im.dec.Pairs(ev)
	for i := range pairs {
		if pairs[i].Addr.Proto == "ip" && pairs[i].Effect != "net.socket" {
			pairs[i].Addr.Proto = cmp.Or(im.sock.speaks(im.task, ev, im.fds.fds[int32(ev.Arg(0))]), "ip")
		}
		if !pairs[i].Known && objectOf(pairs[i].Effect) != noObject && lost == "" {
			lost = pairs[i].Effect
		}
	}
	im.rec.Add(Observe(im.o.Profile, ev, pairs, nil))
	if lost != "" {
		return ev, fmt.Errorf("%s: the trace does not tell its %s", name, lost)
	}
	return ev, nil
}

// An untold is one kind of thing that a trace does not tell.
type untold struct {
	text  string
	line  int // the first that lacks it
	count int
}

func (im *importer) lose(line int, err error) {
	for i := range im.untold {
		if im.untold[i].text == err.Error() {
			im.untold[i].count++
			return
		}
	}
	im.untold = append(im.untold, untold{err.Error(), line, 1})
}

// losses says what was lost, each once.
func (im *importer) losses() []string {
	var out []string
	for _, l := range im.untold {
		s := fmt.Sprintf("line %d: %s", l.line, l.text)
		if l.count > 1 {
			s += fmt.Sprintf(", and so %d times more", l.count-1)
		}
		out = append(out, s)
	}
	return out
}

// event decodes a call whose arguments come from arg. Lost is the first argument
// that matters to effects and was not told.
func (im *importer) event(name string, n int, arg func(c *syscalls.Call, i int) argument) (ev *syscalls.Event, lost string, err error) {
	nr, ok := im.abi.Number(name)
	if !ok {
		return nil, "", fmt.Errorf("%s has no call %s", im.abi.Name, name)
	}
	call := im.abi.Call(nr)
	ev = &syscalls.Event{ABI: im.abi, Nr: nr, Verbose: true}
	m := &imported{fds: map[int32]string{}}
	im.fds = m
	length := struct {
		arg int
		n   uint64
	}{arg: -1}
	for i := range min(n, len(call.Args)) {
		a := arg(call, i)
		v := m.place(&a)
		if a.unknown && hasEffect(call, i) {
			lost = call.Args[i].Name
		}
		if a.fd != "" {
			m.fds[int32(v)] = a.fd
		}
		if i == length.arg {
			v = length.n // what stands in memory here may be shorter than what stood there
		}
		if int(call.Args[i].Reg) < len(ev.Args) {
			ev.Args[call.Args[i].Reg] = v
		}
		if strings.HasSuffix(call.Args[i].Name, "addr") && a.raw {
			length.arg, length.n = i+1, uint64(len(a.text))
		}
	}
	(&syscalls.Decoder{FDs: true, Early: true}).Enter(ev, m)
	return ev, lost, nil
}

// place returns the register's value of an argument, putting its text in memory.
func (m *imported) place(a *argument) uint64 {
	switch {
	case a.unknown:
		return 1 // an address where nothing can be read
	case a.isText && a.raw:
		return m.put(a.text)
	case a.isText:
		return m.put(a.text + "\x00")
	}
	return a.num
}

// hasEffect reports whether effects are named by an argument.
func hasEffect(c *syscalls.Call, arg int) bool {
	for _, e := range c.Effects {
		if int(e.Arg) == arg {
			return true
		}
	}
	return false
}

// imported is a Tracee that has the words of one call.
type imported struct {
	words []string
	fds   map[int32]string
}

const importedBase, importedStep = 0x100000, 0x10000

func (m *imported) put(s string) uint64 {
	m.words = append(m.words, s)
	return importedBase + uint64(len(m.words)-1)*importedStep
}

func (m *imported) ReadMemory(addr uint64, p []byte) int {
	if addr < importedBase {
		return 0
	}
	i, off := (addr-importedBase)/importedStep, (addr-importedBase)%importedStep
	if i >= uint64(len(m.words)) || off > uint64(len(m.words[i])) {
		return 0
	}
	return copy(p, m.words[i][off:])
}

func (m *imported) AppendFD(dst []byte, fd int32) []byte { return append(dst, m.fds[fd]...) }

func (m *imported) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

var (
	portText  = lazyregexp.New(`sin6?_port=htons\((\d+)\)`)
	hostText4 = lazyregexp.New(`inet_addr\("([^"]*)"\)`)
	hostText6 = lazyregexp.New(`inet_pton\(AF_INET6, "([^"]*)"`)
	unixText  = lazyregexp.New(`sun_path=(@?)("(?:[^"\\]|\\.)*")`)
)

// addressText turns {sa_family=AF_INET, ...} into the bytes of a socket address.
func addressText(s string) (string, bool) {
	port := uint64(0)
	if m := portText.FindStringSubmatch(s); m != nil {
		port, _ = strconv.ParseUint(m[1], 10, 16)
	}
	for _, re := range []*lazyregexp.Regexp{hostText4, hostText6} {
		if m := re.FindStringSubmatch(s); m != nil {
			ip, err := netip.ParseAddr(m[1])
			return addressBytes(ip, uint16(port)), err == nil
		}
	}
	if m := unixText.FindStringSubmatch(s); m != nil {
		path, err := notation.Unquote(m[2])
		if m[1] == "@" {
			path = "\x00" + path
		}
		return unixBytes(path), err == nil
	}
	if strings.HasPrefix(s, "{sa_family=AF_NETLINK") {
		return "\x10\x00" + strings.Repeat("\x00", 10), true
	}
	return "", false
}

// addressBytes is struct sockaddr_in or sockaddr_in6.
func addressBytes(ip netip.Addr, port uint16) string {
	if ip.Is4() {
		a := ip.As4()
		return "\x02\x00" + string([]byte{byte(port >> 8), byte(port)}) + string(a[:]) + strings.Repeat("\x00", 8)
	}
	a := ip.As16()
	return "\x0a\x00" + string([]byte{byte(port >> 8), byte(port)}) + "\x00\x00\x00\x00" + string(a[:]) + "\x00\x00\x00\x00"
}

func unixBytes(path string) string {
	if strings.HasPrefix(path, "\x00") {
		return "\x01\x00" + path
	}
	return "\x01\x00" + path + "\x00"
}

func word64(v uint64) string { return string(binary.LittleEndian.AppendUint64(nil, v)) }
