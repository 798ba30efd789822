package policy

import (
	"fmt"
	"slices"
	"strings"

	"strait/syscalls"
)

// A Floor is the most that any rule allows, as coarse as Landlock has it:
// directories and ports. What lies outside of it is denied by every rule, so that
// it can be denied whatever becomes of the rules.
type Floor struct {
	// Read, Write, Create, Delete and Exec are directories below which files may be
	// used so; "/" is everywhere. The last name may have * and ? in it.
	Read, Write, Create, Delete, Exec []string
	// Sockets are directories below which Unix domain sockets may be connected to.
	Sockets []string
	// Connect, Bind and Send are the ports of TCP to connect and bind to, and of UDP
	// to send to.
	Connect, Bind, Send Ports
	Abstract            bool // abstract Unix domain sockets may be connected to
	Signals             bool // signals may be sent to other processes
}

// Ports are a set of ports.
type Ports struct {
	Any  bool
	List []uint16 // sorted
}

// String writes a line for each kind of access, as explanations have it.
func (f *Floor) String() string {
	var b strings.Builder
	for _, l := range [...]struct {
		name string
		dirs []string
	}{{"read", f.Read}, {"write", f.Write}, {"create", f.Create}, {"delete", f.Delete}, {"exec", f.Exec}, {"sockets", f.Sockets}} {
		if len(l.dirs) > 0 {
			fmt.Fprintf(&b, "  kernel: %s below %s\n", l.name, strings.Join(l.dirs, " "))
		}
	}
	for _, l := range [...]struct {
		name  string
		ports *Ports
	}{{"tcp connect", &f.Connect}, {"tcp bind", &f.Bind}, {"udp send", &f.Send}} {
		switch {
		case l.ports.Any:
			fmt.Fprintf(&b, "  kernel: %s any port\n", l.name)
		case len(l.ports.List) > 0:
			fmt.Fprintf(&b, "  kernel: %s %s\n", l.name, strings.Trim(fmt.Sprint(l.ports.List), "[]"))
		}
	}
	return b.String()
}

// mostPorts is how many ports are worth listing.
const mostPorts = 1024

// Floor returns the most that is allowed to a program that starts under profile,
// whatever it executes. It is not ok when that is everything, or not known: where
// the default is to ask or to allow, a rule asks, or "*" is allowed; and where
// rules allow what a domain of Landlock never does: mounts, and looking into
// processes outside of it (landlock(7)).
func (p *Policy) Floor(profile string) (floor *Floor, ok bool) {
	b := floorBuilder{p: p, f: &Floor{}, effects: map[string]map[string]bool{}}
	if p.Default.Kind.runs() || p.Default.Kind == Ask {
		return nil, false
	}
	for _, prof := range p.reachable(profile) {
		for _, r := range prof.rules {
			if !b.rule(r) {
				return nil, false
			}
		}
	}
	b.f.tidy()
	return b.f, true
}

// A floorBuilder adds up what rules allow.
type floorBuilder struct {
	p       *Policy
	f       *Floor
	effects map[string]map[string]bool // the calls that have an effect by words
}

// rule adds what a rule allows, and reports whether there can be a floor with it.
func (b *floorBuilder) rule(r *rule) bool {
	switch {
	case r.Action.Kind == Ask, r.Action.Kind.runs() && r.any:
		return false
	case !r.Action.Kind.runs():
		return true
	}
	for name := range r.calls {
		if outOfDomain(name) {
			return false
		}
	}
	for i := range effects {
		e := effects[i].name
		byCall, byEffect := b.about(r, e)
		if !byCall && !byEffect {
			continue
		}
		anything := byCall || len(r.objects) == 0
		switch {
		case e == "fs.mount", e == "fs.root", e == "process.control":
			if !byCall && !names(r, e) {
				continue // who enforces takes fs.* for less than these
			}
			return false
		case anything && (e == "fs.read" || e == "fs.stat"):
			return false // links in /proc of other processes among them, by the kernel itself
		case anything:
			b.anything(e)
			continue
		}
		for k := range r.objects {
			b.object(e, &r.objects[k])
		}
	}
	return true
}

// names reports whether a rule has an effect by its own name.
func names(r *rule, effect string) bool {
	return slices.ContainsFunc(r.Targets, func(t Target) bool { return t.Kind == TargetEffect && t.Name == effect })
}

// outOfDomain reports whether a call can look into other processes, or mount
// something, and has no effect that says so.
func outOfDomain(call string) bool {
	switch call {
	case "kcmp", "perf_event_open", "move_pages", "migrate_pages", "setns", "fsmount", "open_tree", "open_tree_attr", "mount_setattr", "fspick":
		return true
	}
	return false
}

// about reports whether a rule names calls that have an effect by a path or an
// address, and whether it names the effect.
func (b *floorBuilder) about(r *rule, effect string) (byCall, byEffect bool) {
	for _, t := range r.Targets {
		if t.Kind == TargetEffect && (covers(t.Name, effect) || coversAllow(t.Name, effect)) {
			byEffect = true
		}
	}
	have := b.effects[effect]
	if have == nil {
		have = callsByWords(effect)
		b.effects[effect] = have
	}
	for name := range r.calls {
		byCall = byCall || have[name]
	}
	return byCall, byEffect
}

// callsByWords are the calls that have an effect on something that they name; not
// those that are about a descriptor, which is open already.
func callsByWords(effect string) map[string]bool {
	out := map[string]bool{}
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		for _, c := range abi.All {
			for i := range c.Effects {
				e := &c.Effects[i]
				if e.Arg >= 0 && abi.ArgKind(c, int(e.Arg)) == syscalls.FD {
					continue
				}
				open := e.Name == "fs.open" && (effect == "fs.read" || effect == "fs.write" || effect == "fs.create")
				out[c.Name] = out[c.Name] || open || e.Name == effect
			}
		}
	}
	return out
}

// anything adds an effect on all objects.
func (b *floorBuilder) anything(effect string) {
	f := b.f
	switch effect {
	case "signal":
		f.Signals = true
	case "net.connect":
		f.Connect.Any, f.Abstract = true, true
		f.Send.Any = true // a connected socket sends
		f.Sockets = append(f.Sockets, "/")
	case "net.send":
		f.Send.Any, f.Abstract, f.Connect.Any = true, true, true // MSG_FASTOPEN
		f.Sockets = append(f.Sockets, "/")
	case "net.bind":
		f.Bind.Any = true
		f.Create = append(f.Create, "/")
	default:
		f.path(effect, "/")
	}
}

// object adds an effect on one object.
func (b *floorBuilder) object(effect string, o *Object) {
	switch {
	case o.Path != "":
		b.f.path(effect, o.path.root())
	case o.Proto != "":
		b.f.address(effect, o)
	case o.PID != "self":
		b.anything(effect)
	}
}

// path adds an effect below a directory.
func (f *Floor) path(effect, dir string) {
	switch effect {
	case "fs.read":
		f.Read = append(f.Read, dir)
	case "fs.write":
		f.Write = append(f.Write, dir)
	case "fs.create":
		f.Create = append(f.Create, dir)
	case "fs.delete":
		f.Delete = append(f.Delete, dir)
	case "exec":
		f.Exec = append(f.Exec, dir)
	}
}

// root is the directory below which all lies that the pattern matches, itself
// perhaps; what has one name may be replaced, and is in the directory above.
func (p *pathPattern) root() string {
	dir := strings.TrimSuffix(p.static, "/")
	if name, _, below := strings.Cut(p.pattern[len(p.static):], "/"); below && name != "**" && !strings.ContainsAny(name, `[{\\`) {
		dir = p.static + name
	}
	if strings.HasPrefix(dir+"/", "/proc/") {
		return "/proc" // self is another directory for every process
	}
	if p.exact {
		dir = dir[:max(strings.LastIndexByte(dir, '/'), 0)]
	}
	if dir == "" {
		return "/"
	}
	return dir
}

// address adds an effect on addresses.
func (f *Floor) address(effect string, o *Object) {
	local := o.Proto == "unix" || o.Proto == "any"
	if local {
		f.local(effect, o)
	}
	tcp, udp := protoCovers(o.Proto, "tcp") || o.Proto == "ip", protoCovers(o.Proto, "udp") || o.Proto == "ip"
	if tcp && (effect == "net.connect" || effect == "net.send") {
		f.Connect.add(o.net.ports)
	}
	if tcp && effect == "net.bind" {
		f.Bind.add(o.net.ports)
	}
	if udp && (effect == "net.connect" || effect == "net.send") {
		f.Send.add(o.net.ports)
	}
}

// local adds an effect on Unix domain sockets.
func (f *Floor) local(effect string, o *Object) {
	name := o.net.unix
	if effect == "net.bind" {
		dir := "/"
		if name != "" {
			pat := compilePath(name, func(s string) string { return s })
			dir = pat.root()
		}
		f.Create = append(f.Create, dir)
		return
	}
	if effect != "net.connect" && effect != "net.send" {
		return
	}
	if name == "" || !strings.HasPrefix(name, "/") {
		f.Abstract = true
	}
	switch {
	case name == "", !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "@"):
		f.Sockets = append(f.Sockets, "/")
	case name[0] == '/':
		pat := compilePath(name, func(s string) string { return s })
		f.Sockets = append(f.Sockets, pat.root())
	}
}

func (p *Ports) add(ranges []portRange) {
	if len(ranges) == 0 {
		p.Any = true
	}
	for _, r := range ranges {
		for n := int(r.lo); n <= int(r.hi) && !p.Any; n++ {
			p.List = append(p.List, uint16(n))
			p.Any = len(p.List) > mostPorts
		}
	}
}

// tidy sorts and leaves out what lies below something else.
func (f *Floor) tidy() {
	for _, list := range []*[]string{&f.Read, &f.Write, &f.Create, &f.Delete, &f.Exec, &f.Sockets} {
		slices.Sort(*list)
		*list = slices.CompactFunc(*list, func(below, dir string) bool { return under(below, dir) })
	}
	for _, p := range []*Ports{&f.Connect, &f.Bind, &f.Send} {
		slices.Sort(p.List)
		p.List = slices.Compact(p.List)
		if p.Any {
			p.List = nil
		}
	}
}
