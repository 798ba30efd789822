package policy

import (
	"net/netip"
	"path"
	"slices"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// elsewhere is an address for documentation (RFC 5737): a host like any other.
var elsewhere = netip.AddrFrom4([4]byte{192, 0, 2, 1})

// nowhere is a file like any other.
const nowhere = "/nowhere/at/all"

// witnesses are what it is worth to ask policies about: objects that their
// patterns match, and that they just do not match; and calls with the values that
// their conditions tell apart.
type witnesses struct {
	policies []*Policy
	paths    []string
	addrs    []Address
}

func (w *witnesses) collect(p *Policy) {
	w.policies = append(w.policies, p)
	w.paths = appendNew(w.paths, nowhere)
	for _, prof := range p.profiles {
		for _, r := range prof.rules {
			for i := range r.objects {
				w.object(&r.objects[i])
			}
		}
	}
}

func (w *witnesses) object(o *Object) {
	switch {
	case o.Path != "":
		for _, s := range samples(o.path.pattern) {
			w.paths = appendNew(w.paths, s)
		}
	case o.Proto != "":
		for _, a := range addresses(o) {
			if !slices.Contains(w.addrs, a) {
				w.addrs = append(w.addrs, a)
			}
		}
	}
}

// addresses are some that an object of net.* matches, and their neighbours.
func addresses(o *Object) []Address {
	protos := []string{o.Proto}
	switch o.Proto {
	case "any":
		protos = []string{"tcp", "udp", "unix", "netlink"}
	case "ip":
		protos = []string{"tcp", "udp"}
	}
	var out []Address
	for _, proto := range protos {
		switch proto {
		case "tcp", "udp":
			for _, port := range o.net.probes() {
				for _, host := range o.net.hosts() {
					out = append(out, Address{Proto: proto, Host: host, Port: port})
				}
			}
		case "unix":
			names := []string{nowhere}
			if o.net.unix != "" {
				names = samples(o.net.unix)
			}
			for _, name := range names {
				out = append(out, Address{Proto: proto, Path: name})
			}
		default:
			out = append(out, Address{Proto: proto})
		}
	}
	return out
}

// hosts are the first and the last of the network, and those beside it.
func (n *netPattern) hosts() []netip.Addr {
	if n.any || !n.prefix.IsValid() {
		return []netip.Addr{elsewhere}
	}
	first, last := n.prefix.Addr(), n.prefix.Addr().AsSlice()
	for bit := n.prefix.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	var out []netip.Addr
	for _, a := range []netip.Addr{first, end, first.Prev(), end.Next()} {
		if a.IsValid() && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func (n *netPattern) probes() []uint16 {
	out := []uint16{}
	for _, r := range n.ports {
		for _, p := range []uint16{r.lo, r.hi, r.lo - 1, r.hi + 1} {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	if len(out) == 0 {
		return []uint16{1}
	}
	return out
}

// mostSamples is how many strings stand for a pattern.
const mostSamples = 40

// samples are strings that a pattern matches, the most ordinary one first, and
// some that it just does not.
func samples(pattern string) []string {
	var out []string
	add := func(s string) {
		if strings.HasPrefix(s, "/") {
			s = path.Clean(s)
		}
		if s != "" && len(out) < mostSamples {
			out = appendNew(out, s)
		}
	}
	plain := alternatives(pattern)
	for _, p := range plain {
		add(choose(choices(p), -1, 0))
	}
	if len(out) > 0 {
		add(out[0] + "/below")
		add(out[0] + "x")
		add(path.Dir(out[0]))
	}
	for _, p := range plain {
		parts := choices(p)
		for i := range parts {
			for k := 1; k < len(parts[i]); k++ {
				add(choose(parts, i, k))
			}
		}
	}
	return out
}

// choose makes a string of the first choice of each part, but of another one of
// part i.
func choose(parts [][]string, i, k int) string {
	var b strings.Builder
	for n, p := range parts {
		if n == i {
			b.WriteString(p[k])
		} else {
			b.WriteString(p[0])
		}
	}
	return b.String()
}

// choices takes a pattern without braces apart, into what can stand in each place.
func choices(p string) [][]string {
	var out [][]string
	for p != "" {
		n := 1
		part := []string{p[:1]}
		switch {
		case p[0] == '\\' && len(p) > 1:
			n, part = 2, []string{p[1:2]}
		case strings.HasPrefix(p, "**"):
			n, part = 2, []string{"x/y", "x", ""}
		case p[0] == '*':
			part = []string{"x", "xy", ""}
		case p[0] == '?':
			part = []string{"x", "xy", ""}
		case p[0] == '[':
			if end := classEnd(p); end > 0 {
				n, part = end, members(p[1:end-1])
			}
		}
		out, p = append(out, part), p[n:]
	}
	return out
}

// classEnd is the length of the [...] that p begins with; 0: it is none.
func classEnd(p string) int {
	for i := 1; i < len(p); i++ {
		switch {
		case p[i] == '\\':
			i++
		case p[i] == ']' && i > 1:
			return i + 1
		}
	}
	return 0
}

// members are characters in and beside a class.
func members(class string) []string {
	not := class != "" && (class[0] == '^' || class[0] == '!')
	if not {
		class = class[1:]
	}
	var in, out []string
	for i := 0; i < len(class); i++ {
		if class[i] == '\\' && i+1 < len(class) {
			i++
		}
		lo, hi := class[i], class[i]
		if i+2 < len(class) && class[i+1] == '-' {
			hi = class[i+2]
			i += 2
		}
		in = append(in, string(rune(lo)), string(rune(hi)))
		for _, c := range []byte{lo - 1, hi + 1} {
			if c > ' ' && c < 0x7f && c != '/' {
				out = append(out, string(rune(c)))
			}
		}
	}
	if not {
		in, out = append(out, "~"), in
	}
	return append(in, out...)
}

// alternatives writes the braces of a pattern out.
func alternatives(p string) []string {
	open := -1
	var commas []int
	depth := 0
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\':
			i++
		case p[i] == '{':
			if depth == 0 {
				open = i
			}
			depth++
		case p[i] == ',' && depth == 1:
			commas = append(commas, i)
		case p[i] == '}' && depth == 1:
			var out []string
			from := open + 1
			for _, c := range append(commas, i) {
				for _, inner := range alternatives(p[from:c]) {
					for _, after := range alternatives(p[i+1:]) {
						if len(out) < mostSamples {
							out = append(out, p[:open]+inner+after)
						}
					}
				}
				from = c + 1
			}
			return out
		case p[i] == '}':
			depth--
		}
	}
	return []string{p}
}

// A setting is a call with its arguments, and who makes it.
type setting struct {
	ev  *syscalls.Event
	env *match.Env
}

// mostSettings is how many calls are made of one row.
const mostSettings = 400

// settings are calls of one row, with all values that conditions of the policies
// tell apart, as long as they are not too many: then, with each two of them.
func (w *witnesses) settings(abi *syscalls.ABI, nr uint64) []setting {
	v := &values{abi: abi, nr: nr, mem: &imported{}}
	for _, p := range w.policies {
		for _, prof := range p.profiles {
			pl := prof.tables[abi.ID]().plans[nr]
			if pl == nil {
				continue
			}
			for _, list := range pl.rules {
				for i := range list {
					if list[i].pred != nil {
						list[i].pred.Probes(v.add)
					}
				}
			}
		}
	}
	return v.settings()
}

// values are what the conditions about one call are asked with.
type values struct {
	abi    *syscalls.ABI
	nr     uint64
	mem    *imported
	dims   []dim
	memory bool // some are in memory
}

// A dim is one thing that can vary: a register, or a name of the program.
type dim struct {
	reg  int    // -1: env
	env  string // comm, exe
	nums []uint64
	strs []string
}

func (v *values) dim(reg int, env string) *dim {
	for i := range v.dims {
		if v.dims[i].reg == reg && v.dims[i].env == env {
			return &v.dims[i]
		}
	}
	v.dims = append(v.dims, dim{reg: reg, env: env, nums: []uint64{0}, strs: []string{nowhere}})
	return &v.dims[len(v.dims)-1]
}

func (v *values) add(p match.Probe) {
	call := v.abi.Call(v.nr)
	switch {
	case p.Env != "":
		d := v.dim(-1, p.Env)
		for _, s := range p.Strings {
			for _, s := range samples(s) {
				d.strs = appendNew(d.strs, s)
			}
		}
	case p.Reg >= 0:
		d := v.dim(p.Reg, "")
		for _, n := range p.Numbers {
			if v.abi.RegWord == 4 {
				n = uint64(uint32(n))
			}
			if !slices.Contains(d.nums, n) {
				d.nums = append(d.nums, n)
			}
		}
	default:
		for _, i := range p.Args {
			if i >= len(call.Args) {
				continue
			}
			d := v.dim(int(call.Args[i].Reg), "")
			v.memory = true
			for _, text := range inMemory(&p) {
				d.nums = append(d.nums, v.mem.put(text))
			}
		}
	}
}

// inMemory is what an argument may point to: a string, or an address with a port.
func inMemory(p *match.Probe) []string {
	out := []string{nowhere + "\x00"}
	for _, s := range p.Strings {
		for _, s := range samples(s) {
			out = append(out, s+"\x00")
		}
	}
	for _, n := range p.Numbers {
		if n <= 0xffff {
			out = append(out, addressBytes(elsewhere, uint16(n)))
		}
	}
	return out
}

func (v *values) settings() []setting {
	all := 1
	for _, d := range v.dims {
		all = min(all*d.len(), mostSettings+1)
	}
	chosen := make([]int, len(v.dims))
	out := []setting{v.setting(chosen)}
	if all <= mostSettings {
		for v.count(chosen) {
			out = append(out, v.setting(chosen))
		}
		return out
	}
	for i := range v.dims {
		for k := range v.dims[i].len() {
			chosen[i] = k
			out = append(out, v.setting(chosen))
			for j := range i {
				for m := 1; m < v.dims[j].len() && len(out) < 4*mostSettings; m++ {
					chosen[j] = m
					out = append(out, v.setting(chosen))
				}
				chosen[j] = 0
			}
		}
		chosen[i] = 0
	}
	return out
}

func (d *dim) len() int {
	if d.env != "" {
		return len(d.strs)
	}
	return len(d.nums)
}

// count goes on to the next choice; false: that was the last.
func (v *values) count(chosen []int) bool {
	for i := range chosen {
		if chosen[i]++; chosen[i] < v.dims[i].len() {
			return true
		}
		chosen[i] = 0
	}
	return false
}

func (v *values) setting(chosen []int) setting {
	s := setting{&syscalls.Event{ABI: v.abi, Nr: v.nr, Call: v.abi.Call(v.nr)}, &match.Env{Comm: "nobody", Exe: nowhere}}
	for i, k := range chosen {
		switch d := &v.dims[i]; {
		case d.env == "comm":
			s.env.Comm = d.strs[k]
		case d.env == "exe":
			s.env.Exe = d.strs[k]
		case d.reg < len(s.ev.Args):
			s.ev.Args[d.reg] = d.nums[k]
		}
	}
	if v.memory {
		s.ev.Verbose = true
		args := s.ev.Call.Args
		for i := range args[:max(0, len(args)-1)] {
			if strings.HasSuffix(args[i].Name, "addr") && s.ev.Args[args[i+1].Reg] == 0 {
				s.ev.Args[args[i+1].Reg] = 16 // of sockaddr_in
			}
		}
		(&syscalls.Decoder{FDs: true, Early: true}).Enter(s.ev, v.mem)
	}
	return s
}
