package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// netRules makes a rule for each effect on sockets.
func (l *learner) netRules() []LearnedRule {
	byEffect := map[string][]Address{}
	counts := map[string]int{}
	for k, n := range l.nets {
		byEffect[k.effect] = append(byEffect[k.effect], k.addr)
		counts[k.effect] += n
	}
	var out []LearnedRule
	for _, e := range slices.Sorted(maps.Keys(byEffect)) {
		list := byEffect[e]
		slices.SortFunc(list, func(a, b Address) int { return cmp.Compare(a.String(), b.String()) })
		if e == "net.socket" {
			list = slices.DeleteFunc(list, func(a Address) bool { return usedElsewhere(byEffect, a.Proto) })
		}
		objects := l.addresses(list)
		if len(objects) == 0 {
			continue
		}
		var seen []string
		for i := range list {
			seen = append(seen, list[i].String())
		}
		out = append(out, l.make("allow "+e+" "+strings.Join(objects, " "), seen, counts[e]))
	}
	return out
}

// usedElsewhere reports whether a rule about using sockets of a protocol is made
// anyway: that allows to make them.
func usedElsewhere(byEffect map[string][]Address, proto string) bool {
	for e, list := range byEffect {
		if e != "net.socket" && slices.ContainsFunc(list, func(a Address) bool { return protoCovers(a.Proto, proto) }) {
			return true
		}
	}
	return false
}

// The ports that the kernel gives to who binds to none (ip(7),
// ip_local_port_range): on the machine itself the next run has another.
const ephemeralLow, ephemeralHigh = 32768, 60999

// addresses turns addresses into patterns: many hosts at one port become that
// port anywhere, many ports of one host any port there.
func (l *learner) addresses(list []Address) []string {
	hosts, ports := map[string][]string{}, map[string][]string{}
	for i := range list {
		if a := &list[i]; a.Host.IsValid() {
			host, port := a.Proto+" "+hostText(a), strconv.Itoa(int(a.Port))
			ports[host] = appendNew(ports[host], port)
			at := a.Proto + " " + port
			hosts[at] = appendNew(hosts[at], host)
		}
	}
	var out []string
	for i := range list {
		a := &list[i]
		switch {
		case a.Host.IsLoopback() && a.Port >= ephemeralLow && a.Port <= ephemeralHigh:
			out = appendNew(out, fmt.Sprintf("%s %s:%d-%d", a.Proto, hostText(a), ephemeralLow, ephemeralHigh))
		case !a.Host.IsValid() && a.Path == "":
			out = appendNew(out, a.Proto+" *")
		case !a.Host.IsValid():
			o := Object{Proto: a.Proto, Net: l.socketName(a.Path)}
			out = appendNew(out, a.Proto+" "+o.text())
		case len(hosts[a.Proto+" "+strconv.Itoa(int(a.Port))]) >= l.o.Siblings:
			out = appendNew(out, a.Proto+" *:"+strconv.Itoa(int(a.Port)))
		case len(ports[a.Proto+" "+hostText(a)]) >= l.o.Siblings:
			out = appendNew(out, a.Proto+" "+hostText(a)+":*")
		default:
			out = appendNew(out, a.String())
		}
	}
	return out
}

// socketName makes a pattern of where a socket is, as of a file's name.
func (l *learner) socketName(name string) string {
	s := l.variable(name)
	if t, ok := l.temporary(s); ok {
		return outside(t)
	}
	return outside(escape(s))
}

func hostText(a *Address) string {
	if a.Host.Is4() {
		return a.Host.String()
	}
	return "[" + a.Host.String() + "]"
}
