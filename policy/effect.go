package policy

import (
	"slices"
	"strings"

	"strait/syscalls"
)

// objectKind is what an effect has as its object.
type objectKind uint8

const (
	noObject objectKind = iota
	pathObject
	netObject
	pidObject
)

// An effectInfo describes an effect.
type effectInfo struct {
	name   string
	object objectKind
	under  string // the effect whose rules cover it too
	doc    string
}

// effects are all of them. Rows of system calls name them (and fs.open, which
// stands for what the flags of an open say).
var effects = [...]effectInfo{
	{"fs.read", pathObject, "", "read a file, list a directory"},
	{"fs.stat", pathObject, "fs.read", "look at a name: stat, access, readlink, chdir"},
	{"fs.write", pathObject, "", "write to a file, truncate it"},
	{"fs.create", pathObject, "fs.write", "make a name: open with O_CREAT, mkdir, mknod, symlink, link, rename to it"},
	{"fs.delete", pathObject, "fs.write", "remove a name: unlink, rmdir, rename away from it"},
	{"fs.meta", pathObject, "fs.write", "change mode, owner, times, attributes"},
	{"fs.mount", pathObject, "", "mount upon it, unmount it"},
	{"fs.root", pathObject, "", "make it the root: chroot, pivot_root"},
	{"exec", pathObject, "", "execute a program"},
	{"net.socket", netObject, "", "make a socket; also allowed by any rule that allows to use one of its kind"},
	{"net.connect", netObject, "", "connect to an address"},
	{"net.bind", netObject, "", "bind to an address"},
	{"net.listen", noObject, "net.bind", "accept connections; also allowed by any rule that allows net.bind"},
	{"net.send", netObject, "", "send to an address, without a connection"},
	{"net.use", noObject, "", "use a socket that is there: accept, send and receive, names, options; also allowed by any rule that allows to connect, bind or send"},
	{"signal", pidObject, "", "send a signal to a process"},
	{"process.create", noObject, "", "make a process or a thread"},
	{"process.control", pidObject, "", "trace, read or change another process"},
}

// Effects yields the names of all effects and what they are.
func Effects(yield func(name, doc string) bool) {
	for i := range effects {
		if !yield(effects[i].name, effects[i].doc) {
			return
		}
	}
}

// EffectCalls returns the calls that can have an effect, on any ABI, sorted; nil
// when there is no such effect.
func EffectCalls(name string) []string {
	var out []string
	for id := range syscalls.NumABI {
		for _, c := range syscalls.ByID(id).All {
			if slices.Contains(callEffects(c), name) && name != "" {
				out = append(out, c.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func effectByName(name string) *effectInfo {
	for i := range effects {
		if effects[i].name == name {
			return &effects[i]
		}
	}
	return nil
}

// effectNames yields what a rule can write.
func effectNames(yield func(string) bool) {
	for i := range effects {
		if !yield(effects[i].name) {
			return
		}
	}
	for _, family := range [...]string{"fs.*", "net.*", "process.*"} {
		if !yield(family) {
			return
		}
	}
}

// covers reports whether a rule that names effect want is about effect have.
func covers(want, have string) bool {
	if want == have {
		return true
	}
	if family, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(have, family)
	}
	e := effectByName(have)
	return e != nil && e.under == want
}

// coversAllow is covers for rules that allow: where something may be done with a
// socket, the socket may be made and used.
func coversAllow(want, have string) bool {
	if have == "net.socket" || have == "net.use" {
		switch want {
		case "net.connect", "net.bind", "net.send":
			return true
		}
	}
	return covers(want, have)
}

// objectOf returns the kind of object of what a rule names.
func objectOf(effect string) objectKind {
	switch effect {
	case "fs.*":
		return pathObject
	case "net.*":
		return netObject
	case "process.*":
		return noObject
	}
	if e := effectByName(effect); e != nil {
		return e.object
	}
	return noObject
}
