package policy

import (
	"cmp"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// An Object is a pattern of paths, addresses or processes.
type Object struct {
	Path string // a doublestar pattern; may hold ${HOME}, ${CWD}

	Proto string // net: tcp udp ip unix netlink packet vsock ... or any
	Net   string // HOST:PORTS, a unix path pattern, or "" for any

	PID string // self, or *

	path pathPattern
	net  netPattern
}

// proto is the word that stands before one or more objects of a kind.
func (o *Object) proto() string { return o.Proto }

func (o *Object) text() string {
	s := o.Path + o.Net + o.PID
	if s != "" && (strings.ContainsAny(s, " \"#") || o.Path != "" && !looksLikeObject(s) || !plainText(s)) {
		return strconv.Quote(s)
	}
	return s
}

// plainText reports whether all of s can be seen, and stand in a YAML file.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isProtocol reports whether s can stand before addresses: a protocol, or an
// address family that has no name here.
func isProtocol(s string) bool {
	if n, ok := strings.CutPrefix(s, "family-"); ok {
		_, err := strconv.ParseUint(n, 10, 64)
		return err == nil
	}
	return slices.Contains(protocols[:], s)
}

// looksLikeObject tells paths and addresses from misspelt names of calls.
func looksLikeObject(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "$") || strings.HasPrefix(s, "~") || strings.HasPrefix(s, ".") ||
		isProtocol(s) || s == "self" || strings.ContainsAny(s, ":[/") || '0' <= s[0] && s[0] <= '9'
}

// protocols are the words that stand before addresses.
var protocols = [...]string{"tcp", "udp", "ip", "unix", "netlink", "packet", "vsock", "bluetooth", "alg", "can", "xdp", "any"}

// An objectParser reads the objects of one rule.
type objectParser struct {
	p     *ruleParser
	began bool
	proto string
	alone bool // the protocol word has no address yet
	off   int  // of the protocol word
}

func (o *objectParser) word(r *Rule, w word) error {
	o.began = true
	switch r.object() {
	case netObject:
		return o.netWord(r, w)
	case pathObject:
		return o.pathWord(r, w)
	case pidObject:
		if w.text != "self" && w.text != "*" {
			return o.p.errorf(w.off, "self, or nothing for any process", "%q is not a process", w.text)
		}
		if w.text == "self" {
			r.Objects = append(r.Objects, Object{PID: w.text})
		}
		return nil
	}
	hint := "only effects (fs.read, net.connect, exec, ...) have objects"
	if len(r.Targets) == 0 {
		hint = "name an effect before it: fs.read " + w.text
	}
	return o.p.errorf(w.off, hint, "%q is an object, and nothing before it has one", w.text)
}

func (o *objectParser) pathWord(r *Rule, w word) error {
	s := w.text
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		s = "${HOME}/" + rest
	} else if s == "~" {
		s = "${HOME}"
	}
	if err := checkPattern(s); err != nil {
		return o.p.errorf(w.off, err.Hint, "%s", err.Msg)
	}
	r.Objects = append(r.Objects, Object{Path: s})
	return nil
}

// variables are what can stand at the beginning of a path.
var variables = [...]string{"${HOME}", "${CWD}"}

// checkPattern looks at a pattern of paths as it is written. One that no path
// can match is an error: what a rule is asked about begins at the root and has
// no links, dots or empty names in it.
func checkPattern(s string) *Error {
	rest := s
	for _, v := range variables {
		if after, ok := strings.CutPrefix(s, v); ok {
			if rest = after; after != "" && after[0] != '/' {
				return &Error{Msg: strconv.Quote(s) + " lacks a slash behind " + v, Hint: v + "/" + after}
			}
		}
	}
	switch {
	case rest == "" && s != "" || s == "/":
		return nil
	case strings.HasPrefix(s, "~"):
		return &Error{Msg: strconv.Quote(s) + " does not begin at the root", Hint: "~/ and ${HOME} are the home directory of who runs it; others are written out"}
	case strings.Contains(rest, "${") && rest[0] == '/':
		return &Error{Msg: "a variable in the middle of " + strconv.Quote(s), Hint: "${HOME} and ${CWD} are whole paths, at the beginning of a pattern"}
	case strings.HasPrefix(s, "$") && rest == s:
		return &Error{Msg: "unknown variable in " + strconv.Quote(s), Hint: "${HOME} and ${CWD} are known"}
	case !strings.HasPrefix(rest, "/"):
		if strings.HasPrefix(s, "..") {
			return &Error{Msg: strconv.Quote(s) + " does not begin at the root", Hint: "write out what it comes to"}
		}
		return &Error{Msg: strconv.Quote(s) + " does not begin at the root", Hint: path.Clean("/"+s) + " or ${CWD}/" + strings.TrimPrefix(s, "./")}
	case !doublestar.ValidatePattern(s):
		return &Error{Msg: strconv.Quote(s) + " is not a pattern", Hint: `a [ or { in a name is written \[ or \{`}
	}
	names := strings.Split(rest[1:], "/")
	for i, name := range names {
		clean := path.Clean(rest)
		if s != rest {
			clean = s[:len(s)-len(rest)] + clean
		}
		switch {
		case name == "" && i == len(names)-1:
			return &Error{Msg: strconv.Quote(s) + " matches nothing, as no path ends in a slash", Hint: clean + " for it, " + clean + "/** for all below it too"}
		case name == ".." && s != rest:
			return &Error{Msg: strconv.Quote(s) + " matches nothing, as no path has .. in it", Hint: "write out what it comes to"}
		case name == "" || name == "." || name == "..":
			return &Error{Msg: strconv.Quote(s) + " matches nothing, as no path has " + map[string]string{"": "//", ".": "/./", "..": ".."}[name] + " in it", Hint: clean}
		}
	}
	return nil
}

func (o *objectParser) netWord(r *Rule, w word) error {
	if !w.quoted && isProtocol(w.text) {
		if err := o.finish(r); err != nil {
			return err
		}
		o.proto, o.alone, o.off = w.text, true, w.off
		return nil
	}
	if o.proto == "" {
		return o.p.errorf(w.off, "tcp "+w.text+", udp, unix /path, ...", "%q lacks its protocol", w.text)
	}
	o.alone = false
	if w.text == "*" {
		r.Objects = append(r.Objects, Object{Proto: o.proto})
		return nil
	}
	obj := Object{Proto: o.proto, Net: w.text}
	if err := obj.net.parse(&obj); err != nil {
		return o.p.errorf(w.off, err.Hint, "%s", err.Msg)
	}
	r.Objects = append(r.Objects, obj)
	return nil
}

// finish makes a protocol word without an address an object of its own.
func (o *objectParser) finish(r *Rule) error {
	if o.alone {
		r.Objects = append(r.Objects, Object{Proto: o.proto})
		o.alone = false
	}
	return nil
}

// A netPattern is a parsed address pattern.
type netPattern struct {
	any    bool // any host
	prefix netip.Prefix
	ports  []portRange // none: any
	unix   string      // pattern of paths; of an abstract name with "@" before it
}

type portRange struct{ lo, hi uint16 }

func (n *netPattern) parse(o *Object) *Error {
	switch o.Proto {
	case "unix":
		if !strings.HasPrefix(o.Net, "/") && !strings.HasPrefix(o.Net, "@") && !strings.HasPrefix(o.Net, "${") {
			return &Error{Msg: strconv.Quote(o.Net) + " is not a socket's name", Hint: "a path, or @NAME of an abstract socket"}
		}
		n.unix = o.Net
		if !strings.HasPrefix(o.Net, "@") {
			return checkPattern(o.Net)
		}
		if !doublestar.ValidatePattern(o.Net) {
			return &Error{Msg: strconv.Quote(o.Net) + " is not a pattern", Hint: `a [ or { in a name is written \[ or \{`}
		}
		return nil
	case "tcp", "udp", "ip":
		return n.parseInet(o.Net)
	}
	return &Error{Msg: o.Proto + " has no addresses here", Hint: "allow " + o.Proto + " as a whole, or use where"}
}

func (n *netPattern) parseInet(s string) *Error {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.HasSuffix(s, "]") {
		return &Error{Msg: strconv.Quote(s) + " lacks its ports", Hint: s + ":443, or " + s + ":* for any"}
	}
	host, ports := s[:i], s[i+1:]
	if err := n.parseHost(host); err != nil {
		return err
	}
	if ports == "*" {
		return nil
	}
	for p := range strings.SplitSeq(ports, ",") {
		lo, hi, isRange := strings.Cut(p, "-")
		if !isRange {
			hi = lo
		}
		a, err := strconv.ParseUint(lo, 10, 16)
		b, err2 := strconv.ParseUint(hi, 10, 16)
		if err != nil || err2 != nil || a > b {
			return &Error{Msg: strconv.Quote(p) + " is not a port", Hint: "443, 22,443, 8000-8999 or *"}
		}
		n.ports = append(n.ports, portRange{uint16(a), uint16(b)})
	}
	return nil
}

func (n *netPattern) parseHost(host string) *Error {
	if host == "*" {
		n.any = true
		return nil
	}
	inner, six := strings.CutPrefix(host, "[")
	if six {
		if inner, six = strings.CutSuffix(inner, "]"); !six {
			if addr, bits, ok := strings.Cut(inner, "]"); ok {
				return &Error{Msg: strconv.Quote(host) + " is not an address", Hint: "the whole network is in brackets: [" + addr + bits + "], of /128 at most"}
			}
			return &Error{Msg: strconv.Quote(host) + " lacks its closing bracket", Hint: host + "]"}
		}
	}
	if p, err := netip.ParsePrefix(inner); err == nil && p.Addr().Is6() == six {
		n.prefix = p.Masked()
		return nil
	}
	if a, err := netip.ParseAddr(inner); err == nil && a.Is6() == six {
		n.prefix = netip.PrefixFrom(a, a.BitLen())
		return nil
	}
	if a, err := netip.ParseAddr(inner); err == nil && a.Is6() {
		return &Error{Msg: strconv.Quote(host) + " lacks its brackets", Hint: "[" + host + "]"}
	}
	return &Error{Msg: strconv.Quote(host) + " is not an address", Hint: "127.0.0.1, 10.0.0.0/8, [::1], [fe80::/10] or *; names are not looked up"}
}

// text writes the pattern of an address and ports as it is parsed.
func (n *netPattern) text() string {
	host := "*"
	if !n.any {
		host = n.prefix.String()
		if n.prefix.IsSingleIP() {
			host = n.prefix.Addr().String()
		}
		if n.prefix.Addr().Is6() {
			host = "[" + host + "]"
		}
	}
	var ports []string
	for _, p := range n.ports {
		s := strconv.Itoa(int(p.lo))
		if p.hi > p.lo {
			s += "-" + strconv.Itoa(int(p.hi))
		}
		ports = append(ports, s)
	}
	return host + ":" + cmp.Or(strings.Join(ports, ","), "*")
}

// matches reports whether an address is among the pattern's.
func (n *netPattern) matches(o *Object, a *Address) bool {
	if !protoCovers(o.Proto, a.Proto) {
		return false
	}
	if o.Net == "" {
		return true
	}
	if o.Proto == "unix" {
		return doublestar.MatchUnvalidated(n.unix, a.Path)
	}
	if !a.Host.IsValid() {
		return false
	}
	if !n.any && !n.prefix.Contains(a.Host.Unmap()) {
		return false
	}
	if len(n.ports) == 0 {
		return true
	}
	for _, p := range n.ports {
		if p.lo <= a.Port && a.Port <= p.hi {
			return true
		}
	}
	return false
}

// protoCovers reports whether a pattern for protocol want is about have. A
// socket whose protocol nobody knows (ip) is covered by "ip" alone, and by any.
func protoCovers(want, have string) bool {
	switch want {
	case have, "any":
		return true
	case "ip":
		return have == "tcp" || have == "udp"
	}
	return false
}
