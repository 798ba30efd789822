package main

import (
	"errors"
	"fmt"
	"math"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"strait/forkexec"
	"strait/policy"

	"golang.org/x/sys/unix"
)

// The values of the flags of strait run, as pflag takes them. None has a
// default to show.

type namespacesValue struct{ to *uintptr }

// namespaceFlags are the names that unshare(1) and lsns(8) use.
func namespaceFlags() map[string]uintptr {
	return map[string]uintptr{
		"user": unix.CLONE_NEWUSER, "pid": unix.CLONE_NEWPID, "net": unix.CLONE_NEWNET, "mount": unix.CLONE_NEWNS,
		"mnt": unix.CLONE_NEWNS, "ipc": unix.CLONE_NEWIPC, "uts": unix.CLONE_NEWUTS, "cgroup": unix.CLONE_NEWCGROUP,
		"time": unix.CLONE_NEWTIME,
		"all": unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWIPC |
			unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP,
	}
}

// namespaceWords are the names to be offered.
func namespaceWords() []string {
	return []string{"user", "pid", "net", "mount", "ipc", "uts", "cgroup", "time", "all"}
}

func (v *namespacesValue) Set(s string) error {
	names := namespaceFlags()
	for word := range strings.SplitSeq(s, ",") {
		flag, ok := names[word]
		if !ok {
			return fmt.Errorf("%q is no namespace: %s", word, strings.Join(namespaceWords(), ", "))
		}
		*v.to |= flag
	}
	return nil
}
func (v *namespacesValue) String() string { return "" }
func (v *namespacesValue) Type() string   { return "NS,..." }

type idMapValue struct{ to *[]forkexec.IDMap }

func (v *idMapValue) Set(s string) error {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return errors.New("want INSIDE:OUTSIDE:COUNT")
	}
	var n [3]uint32
	for i, part := range parts {
		id, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return fmt.Errorf("%q is no number of an id", part)
		}
		n[i] = uint32(id)
	}
	*v.to = append(*v.to, forkexec.IDMap{Inside: n[0], Outside: n[1], Count: n[2]})
	return nil
}
func (v *idMapValue) String() string { return "" }
func (v *idMapValue) Type() string   { return "MAP" }

// mountValue appends to the mounts, which all flags of mounts share: their
// order counts. kind is the type, empty where the value begins with it.
type mountValue struct {
	to   *[]forkexec.Mount
	kind string
}

func (v *mountValue) Set(s string) error {
	m := forkexec.Mount{Type: v.kind}
	var rest string
	switch v.kind {
	case "bind", "ro-bind", "symlink":
		m.Source, rest = cutColon(s)
		m.Target, m.Options = cutColon(rest)
		if rest == "" {
			return errors.New("want " + map[bool]string{true: "TARGET:DST", false: "SRC:DST"}[v.kind == "symlink"])
		}
	case "":
		m.Type, rest = cutColon(s)
		m.Target, m.Options = cutColon(rest)
		if m.Type == "" || rest == "" {
			return errors.New("want TYPE:DST[:OPTION,...]")
		}
	default:
		m.Target, m.Options = cutColon(s)
	}
	if v.kind == "ro-bind" {
		m.Type, m.Options = "bind", strings.TrimSuffix("ro,"+m.Options, ",")
	}
	if !strings.HasPrefix(m.Target, "/") {
		return fmt.Errorf("%q is no absolute path", m.Target)
	}
	*v.to = append(*v.to, m)
	return nil
}
func (v *mountValue) String() string { return "" }
func (v *mountValue) Type() string   { return "MOUNT" }

// cutColon cuts at the first colon that has no backslash before it.
func cutColon(s string) (before, after string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ':' || s[i+1] == '\\'):
			i++
		case s[i] == ':':
			return b.String(), s[i+1:]
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// What an envValue does.
const (
	envSet = iota
	envUnset
	envClear
)

// envValue appends changes of the environment in the form that
// Options.environ takes, and clearEnv.
type envValue struct {
	to   *[]string
	what int
}

// clearEnv among the changes of an environment removes everything; no
// variable's name is empty.
const clearEnv = ""

func (v *envValue) Set(s string) error {
	name, _, set := strings.Cut(s, "=")
	switch {
	case v.what == envClear:
		s = clearEnv
	case name == "":
		return errors.New("the name is missing")
	case v.what == envSet && !set:
		return errors.New("want NAME=VALUE")
	case v.what == envUnset && set:
		return errors.New("want a NAME alone")
	}
	*v.to = append(*v.to, s)
	return nil
}
func (v *envValue) String() string { return "" }
func (v *envValue) Type() string {
	if v.what == envClear {
		return "bool"
	}
	return "NAME"
}

// idValue is a user or group.
type idValue struct {
	text string
	set  bool
}

// beyond says whether it is another id than ours, and the capability that it
// takes to become it is missing: then only a user namespace has it. What is no
// id at all is told elsewhere.
func (v *idValue) beyond(lookUp func(string) (string, error), own, capability int) bool {
	if !v.set || forkexec.Capable(capability) {
		return false
	}
	n, err := v.number(lookUp)
	return err == nil && n != uint32(own)
}

func (v *idValue) Set(s string) error {
	if s == "" {
		return errors.New("empty")
	}
	*v = idValue{s, true}
	return nil
}
func (v *idValue) String() string { return "" }
func (v *idValue) Type() string   { return "ID" }

// number is the id, of the name's entry in the user database where it is one.
func (v *idValue) number(lookUp func(string) (string, error)) (uint32, error) {
	text := v.text
	if _, err := strconv.ParseUint(text, 10, 32); err != nil {
		if text, err = lookUp(v.text); err != nil {
			return 0, err
		}
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err
}

func uidOf(name string) (string, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

func gidOf(name string) (string, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return "", err
	}
	return g.Gid, nil
}

// intValue is a number, nil if it was not given; forkexec has the range.
type intValue struct{ n *int }

func (v *intValue) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return fmt.Errorf("%q is no number", s)
	}
	v.n = &n
	return nil
}
func (v *intValue) String() string { return "" }
func (v *intValue) Type() string   { return "N" }

type modeValue struct{ n *int }

func (v *modeValue) Set(s string) error {
	n, err := strconv.ParseUint(s, 8, 9)
	if err != nil {
		return fmt.Errorf("%q is no octal mask of modes", s)
	}
	mask := int(n)
	v.n = &mask
	return nil
}
func (v *modeValue) String() string { return "" }
func (v *modeValue) Type() string   { return "MODE" }

// capsValue is what --cap-drop and --cap-add say in the order in which they
// are given.
type capsValue struct {
	set           bool
	drop, ambient uint64
}

type capValue struct {
	to  *capsValue
	add bool
}

func (v *capValue) Set(s string) error {
	var bits uint64
	for word := range strings.SplitSeq(s, ",") {
		if strings.EqualFold(word, "all") {
			bits = math.MaxUint64
			continue
		}
		n, err := forkexec.CapByName(word)
		if err != nil {
			return err
		}
		bits |= 1 << n
	}
	v.to.set = true
	if v.add {
		v.to.drop &^= bits
		v.to.ambient |= bits
		return nil
	}
	v.to.drop |= bits
	v.to.ambient &^= bits
	return nil
}
func (v *capValue) String() string { return "" }
func (v *capValue) Type() string   { return "CAP" }

type durationValue struct{ to *time.Duration }

func (v *durationValue) Set(s string) error {
	d, err := parseLimitTime(s)
	if err != nil {
		return err
	}
	*v.to = d
	return nil
}
func (v *durationValue) String() string { return "" }
func (v *durationValue) Type() string   { return "TIME" }

// parseLimitTime reads a time that is more than nothing.
func parseLimitTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if seconds, e := strconv.ParseFloat(s, 64); e == nil {
		d, err = time.Duration(seconds*float64(time.Second)), nil
		if seconds > math.MaxInt64/float64(time.Second) || math.IsNaN(seconds) {
			err = strconv.ErrRange
		}
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no time such as 10s or 1m30s", s)
	}
	return d, nil
}

type sizeValue struct{ to *uint64 }

func (v *sizeValue) Set(s string) error {
	n, err := parseSize(s)
	if err != nil {
		return err
	}
	*v.to = n
	return nil
}
func (v *sizeValue) String() string { return "" }
func (v *sizeValue) Type() string   { return "SIZE" }

// parseSize reads a number of bytes: 4096, 64k, 64M, 64MiB, 1G.
func parseSize(s string) (uint64, error) {
	bad := fmt.Errorf("%q is no size such as 64M or 1G", s)
	word := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(s), "b"), "i")
	shift := 0
	for i, unit := range []string{"k", "m", "g", "t"} {
		if number, ok := strings.CutSuffix(word, unit); ok {
			shift, word = 10*(i+1), number
			break
		}
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil || n == 0 || n > math.MaxUint64>>shift {
		return 0, bad
	}
	return n << shift, nil
}

type rlimitValue struct{ to *[]forkexec.Rlimit }

// rlimitNames are those of prlimit(1), with their resources.
func rlimitNames() map[string]int {
	return map[string]int{
		"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA,
		"fsize": unix.RLIMIT_FSIZE, "locks": unix.RLIMIT_LOCKS, "memlock": unix.RLIMIT_MEMLOCK, "msgqueue": unix.RLIMIT_MSGQUEUE,
		"nice": unix.RLIMIT_NICE, "nofile": unix.RLIMIT_NOFILE, "nproc": unix.RLIMIT_NPROC, "rss": unix.RLIMIT_RSS,
		"rtprio": unix.RLIMIT_RTPRIO, "rttime": unix.RLIMIT_RTTIME, "sigpending": unix.RLIMIT_SIGPENDING, "stack": unix.RLIMIT_STACK,
	}
}

// rlimitName is the name of a resource.
func rlimitName(resource int) string {
	for name, r := range rlimitNames() {
		if r == resource {
			return name
		}
	}
	return strconv.Itoa(resource)
}

func (v *rlimitValue) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("want NAME=SOFT[:HARD]")
	}
	resource, ok := rlimitNames()[strings.TrimPrefix(strings.ToLower(name), "rlimit_")]
	if !ok {
		return fmt.Errorf("%q is no limit of setrlimit(2)", name)
	}
	soft, hard, both := strings.Cut(value, ":")
	if !both {
		hard = soft
	}
	r := forkexec.Rlimit{Resource: resource}
	for _, x := range []struct {
		text string
		to   *uint64
	}{{soft, &r.Soft}, {hard, &r.Max}} {
		if x.text == "unlimited" || x.text == "infinity" || x.text == "-1" {
			*x.to = unix.RLIM_INFINITY
			continue
		}
		if *x.to, _ = strconv.ParseUint(x.text, 10, 64); x.text == "0" {
			continue
		}
		n, err := parseSize(x.text)
		if err != nil {
			return err
		}
		*x.to = n
	}
	*v.to = append(*v.to, r)
	return nil
}
func (v *rlimitValue) String() string { return "" }
func (v *rlimitValue) Type() string   { return "LIMIT" }

type ruleValue struct{ to *[]string }

func (v *ruleValue) Set(s string) error {
	if _, err := policy.ParseRule(s); err != nil {
		return err
	}
	*v.to = append(*v.to, s)
	return nil
}
func (v *ruleValue) String() string { return "" }
func (v *ruleValue) Type() string   { return "RULE" }

// actionValue is an action of the policy language.
type actionValue struct {
	action policy.Action
	set    bool
}

func (v *actionValue) Set(s string) error {
	a, err := policy.ParseAction(s)
	if err != nil {
		return err
	}
	*v = actionValue{a, true}
	return nil
}
func (v *actionValue) String() string { return "" }
func (v *actionValue) Type() string   { return "ACTION" }

// askValue says when to ask.
type askValue int

const (
	askAuto askValue = iota
	askNever
	askAlways
)

func (v *askValue) Set(s string) error {
	when := slices.Index(askWords(), s)
	if when < 0 {
		return fmt.Errorf("%q is none of %s", s, strings.Join(askWords(), ", "))
	}
	*v = askValue(when)
	return nil
}

// askWords are the names of the values, in order.
func askWords() []string { return []string{"auto", "never", "always"} }

func (v *askValue) String() string { return "" }
func (v *askValue) Type() string   { return "WHEN" }

type traceValue struct{ o *runOptions }

func (v *traceValue) Set(s string) error {
	v.o.traceSet, v.o.trace = true, s
	return nil
}
func (v *traceValue) String() string { return "" }
func (v *traceValue) Type() string   { return "FILE" }
