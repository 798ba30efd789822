package policy

import (
	"path"
	"strconv"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// A Pair is one effect of a call and its object. A call that has no effect, or
// none on this occasion, is one Pair with an empty Effect.
type Pair struct {
	Effect string  `json:"effect,omitempty"`
	Path   string  `json:"path,omitempty"`   // of fs.* and exec
	Addr   Address `json:"address,omitzero"` // of net.*
	PID    int     `json:"pid,omitempty"`    // of signal and process.control
	Self   bool    `json:"self,omitempty"`   // ... which is the caller's own process

	// Known says that the object is what the call's words or a Resolver said;
	// else nobody could read it, and rules that need it deny.
	Known bool `json:"known"`

	// The arguments that name it; -1: none.
	Arg     int  `json:"arg"`
	Dir     int  `json:"dir"`
	Follow  bool `json:"follow,omitempty"`  // the kernel follows a symbolic link at the end of the path
	Subtree bool `json:"subtree,omitempty"` // what is below the path moves with it

	// Moves says that the file is not gone, but gets another name, To, if that is known.
	Moves bool   `json:"moves,omitempty"`
	To    string `json:"to,omitempty"`

	// Held says that the call looks at an open descriptor and at no name: it is an
	// fstat by another number, and rules about that decide.
	Held bool `json:"held,omitempty"`
}

// Object returns the object as text, or "".
func (p *Pair) Object() string {
	switch {
	case p.Effect == "":
		return ""
	case p.Path != "":
		return p.Path
	case p.Addr.Proto != "":
		return p.Addr.String()
	case p.Self:
		return "self"
	case p.PID != 0:
		return strconv.Itoa(p.PID)
	}
	return ""
}

// A Resolver finds out what the words of a call name.
type Resolver interface {
	// Resolve completes p: a Path may be relative, to the descriptor that
	// argument p.Dir holds or to the working directory; an Addr may have the
	// protocol "ip" because only the socket tells whether it is tcp or udp. It
	// clears p.Known when it cannot.
	Resolve(ev *syscalls.Event, p *Pair)
}

// Words is a Resolver that knows nothing but the call's words and where the
// program stands. Symbolic links it takes for what they are called.
type Words struct{ CWD string }

// Resolve makes a relative path absolute and cleans it.
func (w Words) Resolve(ev *syscalls.Event, p *Pair) {
	if p.Known && p.Addr.Proto == "unix" {
		w.socketName(&p.Addr.Path, &p.Known)
	}
	if !p.Known || objectOf(p.Effect) != pathObject {
		return
	}
	if !strings.HasPrefix(p.Path, "/") {
		base := w.CWD
		if p.Dir >= 0 {
			if name, ok := descriptorName(ev, p.Dir); ok {
				base = name
			} else if int32(ev.Arg(p.Dir)) != atFDCWD {
				base = ""
			}
		}
		if !strings.HasPrefix(base, "/") {
			p.Known = false
			return
		}
		p.Path = base + "/" + p.Path
	}
	p.Path = path.Clean(p.Path)
}

// socketName makes the path of a Unix domain socket absolute: it is found from
// the working directory. Abstract names and none are left.
func (w Words) socketName(name *string, known *bool) {
	switch {
	case *name == "" || (*name)[0] == '@':
	case (*name)[0] == '/':
		*name = path.Clean(*name)
	case w.CWD == "":
		*known = false
	default:
		*name = path.Join(w.CWD, *name)
	}
}

// Constants of the kernel that are alike on every ABI here
// (include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h).
const (
	atFDCWD        = -100
	oCreat         = 0o100
	oExcl          = 0o200
	oTrunc         = 0o1000
	oPath          = 0o10000000
	oTmpfile       = 0o20000000
	atNoFollow     = 0x100
	atFollow       = 0x400
	atEmptyPath    = 0x1000
	renameExchange = 2
)

// descriptorName returns what the descriptor in argument i refers to, if the
// decoder was told to ask.
func descriptorName(ev *syscalls.Event, i int) (string, bool) {
	n := match.Argument(ev, i)
	if n < 0 || ev.Nodes[n].Flags&syscalls.HasFD == 0 {
		return "", false
	}
	return string(ev.Bytes(&ev.Nodes[n])), true
}

// appendPairs appends what a call does, by its row and its decoded arguments.
func appendPairs(dst []Pair, ev *syscalls.Event) []Pair {
	n := len(dst)
	if ev.Call.Name == "socketcall" {
		return append(dst, socketcallPair(ev))
	}
	for i := range ev.Call.Effects {
		e := &ev.Call.Effects[i]
		p := Pair{Effect: e.Name, Arg: int(e.Arg), Dir: int(e.Dir), Known: true}
		switch {
		case e.Name == "fs.open":
			dst = appendOpen(dst, ev, p)
		case e.Name == "net.socket":
			p.Addr.Proto = socketProto(ev)
			dst = append(dst, p)
		case objectOf(e.Name) == netObject:
			dst = appendAddresses(dst, ev, p)
		case objectOf(e.Name) == pathObject:
			pathPair(ev, &p)
			dst = append(dst, p)
		case objectOf(e.Name) == pidObject:
			pidPair(ev, &p)
			dst = append(dst, p)
		default:
			dst = append(dst, p)
		}
	}
	if exchange(ev) {
		dst = appendExchanged(dst, n)
	}
	if len(dst) == n {
		dst = append(dst, Pair{Known: true, Arg: -1, Dir: -1})
	}
	return dst
}

// pathPair reads the path that argument p.Arg names, or that the descriptor in
// it refers to.
func pathPair(ev *syscalls.Event, p *Pair) {
	p.Follow = follows(ev)
	p.Subtree = strings.HasPrefix(ev.Call.Name, "rename")
	i := match.Argument(ev, p.Arg)
	if i < 0 {
		p.Known = false
		return
	}
	n := &ev.Nodes[i]
	switch {
	case n.Kind == syscalls.Str && n.Flags&(syscalls.Cut|syscalls.Unsized) == 0:
		p.Path = string(ev.Bytes(n))
		p.emptyPath(ev)
	case n.Kind == syscalls.FD || n.Kind == syscalls.DirFD:
		p.Path, p.Known = descriptorName(ev, p.Arg)
	case n.Val == 0: // NULL: the descriptor itself, where there is one
		p.emptyPath(ev)
	default:
		p.Known = false
	}
}

// emptyPath lets an empty path stand for the directory descriptor, as
// AT_EMPTY_PATH has it. Without that flag the call fails.
func (p *Pair) emptyPath(ev *syscalls.Event) {
	if p.Path != "" {
		return
	}
	if p.Dir < 0 {
		p.Known = false
		return
	}
	name, ok := descriptorName(ev, p.Dir)
	p.Path, p.Known = name, ok
	if looksAtHeld(ev.Call) && argByName(ev, "flags")&atEmptyPath != 0 && int32(ev.Arg(p.Dir)) >= 0 {
		p.Held, p.Known = true, true
	}
}

// looksAtHeld reports whether a call may be an fstat: C libraries make it so
// (newfstatat(fd, "", st, AT_EMPTY_PATH)).
func looksAtHeld(call *syscalls.Call) bool {
	return call.Name == "newfstatat" || call.Name == "fstatat64" || call.Name == "statx"
}

// appendOpen appends what the flags of an open ask for.
func appendOpen(dst []Pair, ev *syscalls.Event, p Pair) []Pair {
	flags, known := openFlags(ev)
	add := func(effect string) {
		q := p
		q.Effect = effect
		pathPair(ev, &q)
		q.Follow = q.Follow && flags&oNoFollow(ev.ABI) == 0 && flags&(oCreat|oExcl) != oCreat|oExcl
		q.Known = q.Known && known
		dst = append(dst, q)
	}
	if !known || flags&oPath != 0 {
		add("fs.stat")
		if known {
			return dst
		}
	}
	acc := flags & 3
	if acc != 1 {
		add("fs.read")
	}
	if acc != 0 || flags&oTrunc != 0 {
		add("fs.write")
	}
	if flags&(oCreat|oTmpfile) != 0 {
		add("fs.create")
	}
	return dst
}

// oNoFollow is O_NOFOLLOW: arm and arm64 have their own
// (arch/arm64/include/uapi/asm/fcntl.h).
func oNoFollow(abi *syscalls.ABI) uint64 {
	if abi.ID == syscalls.ARM64 || abi.ID == syscalls.ARM {
		return 0o100000
	}
	return 0o400000
}

// openFlags returns the flags of an open: an argument, or in openat2's how.
func openFlags(ev *syscalls.Event) (flags uint64, known bool) {
	for i := range ev.Call.Args {
		switch ev.Call.Args[i].Name {
		case "flags":
			return ev.Arg(i), true
		case "how":
			n := match.Argument(ev, i)
			if n < 0 {
				return 1<<64 - 1, false
			}
			for j := n + 1; j < int(ev.Nodes[n].End); j++ {
				if ev.Nodes[j].Name == "flags" {
					return ev.Nodes[j].Val, true
				}
			}
		}
	}
	return 1<<64 - 1, false
}

// follows reports whether the call follows a symbolic link at the end of its
// paths (man pages of section 2; path_resolution(7)).
func follows(ev *syscalls.Event) bool {
	name := ev.Call.Name
	switch {
	case strings.HasPrefix(name, "rename"), strings.HasPrefix(name, "unlink"), strings.HasPrefix(name, "mkdir"),
		strings.HasPrefix(name, "mknod"), strings.HasPrefix(name, "symlink"), strings.HasPrefix(name, "readlink"):
		return false
	}
	flags := argByName(ev, "flags")
	switch name {
	case "rmdir", "lstat", "lstat64", "oldlstat", "lchown", "lchown32", "lgetxattr", "lsetxattr", "llistxattr", "lremovexattr", "link":
		return false
	case "linkat":
		return flags&atFollow != 0
	case "open", "openat", "openat2", "mount", "umount2":
		return true
	}
	return flags&atNoFollow == 0
}

func argByName(ev *syscalls.Event, name string) uint64 {
	for i := range ev.Call.Args {
		if ev.Call.Args[i].Name == name {
			return ev.Arg(i)
		}
	}
	return 0
}

func exchange(ev *syscalls.Event) bool {
	return ev.Call.Name == "renameat2" && argByName(ev, "flags")&renameExchange != 0
}

// findMoves says where the files go that a rename takes their names from.
func findMoves(ev *syscalls.Event, pairs []Pair) {
	if ev.Call == nil || !strings.HasPrefix(ev.Call.Name, "rename") {
		return
	}
	both := exchange(ev)
	for i := range pairs {
		p := &pairs[i]
		if p.Effect != "fs.delete" || p.Arg != pairs[0].Arg && !both { // what is renamed over is gone
			continue
		}
		p.Moves = true
		for k := range pairs {
			if to := &pairs[k]; to.Effect == "fs.create" && to.Arg != p.Arg && to.Known {
				p.To = to.Path
			}
		}
	}
}

// appendExchanged adds the creation of the old name, which RENAME_EXCHANGE gives
// to the other file.
func appendExchanged(dst []Pair, from int) []Pair {
	for _, p := range dst[from:] {
		if p.Effect == "fs.delete" && p.Arg == dst[from].Arg {
			p.Effect = "fs.create"
			dst = append(dst, p)
		}
	}
	return dst
}
