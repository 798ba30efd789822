package enforce

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"strait/forkexec"
	"strait/policy"

	"golang.org/x/sys/unix"
)

// What each right of Landlock is about, here (landlock(7)).
const (
	landlockRead   = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	landlockWrite  = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	landlockCreate = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
	landlockDelete = unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REFER
	// From include/uapi/linux/landlock.h of Linux 7.1 and 7.2.
	landlockSockets = 1 << 16 // LANDLOCK_ACCESS_FS_RESOLVE_UNIX
	landlockSendUDP = 1 << 3  // LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP
)

// floor makes the Landlock ruleset that a program starts under besides its filter:
// what no rule allows, the kernel denies, whatever the program finds to get around
// the supervisor. What the supervisor performs is not bound by it. nil: there can
// be none.
func (e *Enforcer) floor(c *forkexec.Cmd) *forkexec.Landlock {
	switch {
	case c.Landlock != nil, e.opt.Permissive, e.opt.Observe != nil, e.opt.Ask != nil:
		return c.Landlock
	case c.Root != "" || len(c.Mounts) > 0 || c.Namespaces&unix.CLONE_NEWNS != 0:
		return nil // names are others in there
	case landlockVersion() < 2: // which forbids every link and rename to another directory
		return nil
	}
	f, ok := e.pol.Load().Floor(e.profile)
	if !ok {
		return nil
	}
	known := landlockKnown()
	l := &forkexec.Landlock{HandledFS: known.fs, HandledNet: known.net, Scoped: known.scoped}
	grants := grants{rights: map[string]uint64{}, stranger: c.Credential != nil}
	// What the rules allow by name the supervisor does; but it is the kernel that
	// executes, also what stands in a directory that is another one by then.
	made := slices.Concat(f.Create, f.Delete)
	grants.add(expand(f.Read, nil), landlockRead|unix.LANDLOCK_ACCESS_FS_EXECUTE) // loaders of programs are read, and executed for Landlock
	grants.add(expand(f.Exec, made), unix.LANDLOCK_ACCESS_FS_EXECUTE|unix.LANDLOCK_ACCESS_FS_READ_FILE)
	grants.add(expand(f.Write, nil), landlockWrite)
	grants.add(expand(f.Create, nil), landlockCreate)
	grants.add(expand(f.Delete, nil), landlockDelete)
	grants.add(expand(f.Sockets, nil), landlockSockets)
	for _, name := range startFiles(c) {
		if _, err := os.Stat(name); err == nil && grants.seen(filepath.Dir(name)) {
			grants.rights[name] |= unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
		}
	}
	l.Paths = grants.paths(l.HandledFS)
	handlePorts(l, unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, &f.Connect)
	handlePorts(l, unix.LANDLOCK_ACCESS_NET_BIND_TCP, &f.Bind)
	handlePorts(l, landlockSendUDP, &f.Send)
	if f.Abstract {
		l.Scoped &^= unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	if f.Signals {
		l.Scoped &^= unix.LANDLOCK_SCOPE_SIGNAL
	}
	return l
}

func handlePorts(l *forkexec.Landlock, right uint64, p *policy.Ports) {
	if p.Any {
		l.HandledNet &^= right
	}
	for _, port := range p.List {
		if l.HandledNet&right != 0 {
			l.Ports = append(l.Ports, forkexec.LandlockPort{Port: port, Access: right})
		}
	}
}

// expand replaces patterns of directories by those that there are. Where the program
// can make others, or replace one that is there (made), it is what they are in.
func expand(dirs, made []string) []string {
	var out []string
	for _, dir := range dirs {
		i := strings.IndexAny(dir, "*?")
		if i < 0 {
			out = append(out, above(dir, made))
			continue
		}
		in := dir[:strings.LastIndexByte(dir[:i], '/')+1]
		found, err := filepath.Glob(dir)
		if at := above(filepath.Join(in, "x"), made); err != nil || at != filepath.Join(in, "x") {
			found = []string{at}
		}
		out = append(out, found...)
	}
	return out
}

// above returns the directory that is out of the program's reach and has dir in it,
// or is it.
func above(dir string, made []string) string {
	for again := true; again && dir != "/"; {
		again = false
		for _, m := range made {
			if i := strings.IndexAny(m, "*?"); i >= 0 {
				m = filepath.Dir(m[:i] + "x")
			}
			if m == "/" {
				return m
			}
			if dir == m || strings.HasPrefix(dir, m+"/") {
				dir, again = filepath.Dir(m), true
			}
		}
	}
	return dir
}

// grants are rights, by directory.
type grants struct {
	rights   map[string]uint64
	stranger bool // the child looks the directories up as another user
}

// add gives rights below directories. One that is not there, or that the child
// cannot see, is somewhere below one that it can.
func (g *grants) add(dirs []string, rights uint64) {
	for _, dir := range dirs {
		for dir != "/" && !g.seen(dir) {
			dir = filepath.Dir(dir)
		}
		g.rights[dir] |= rights
	}
}

func (g *grants) seen(dir string) bool {
	fi, err := os.Stat(dir)
	if err != nil || !fi.IsDir() {
		return false
	}
	for g.stranger && dir != "/" {
		dir = filepath.Dir(dir)
		if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm()&1 == 0 {
			return false
		}
	}
	return true
}

func (g *grants) paths(handled uint64) []forkexec.LandlockPath {
	var out []forkexec.LandlockPath
	for dir, rights := range g.rights {
		if rights &= handled; rights != 0 {
			out = append(out, forkexec.LandlockPath{Path: dir, Access: rights})
		}
	}
	return out
}

// startFiles are the files that the start itself executes, which no rule is asked
// about: the program, or its interpreters, and their loader.
func startFiles(c *forkexec.Cmd) []string {
	name := c.Path
	if c.ExecFD > 0 {
		name = self(c.ExecFD)
	}
	var out []string
	if c.Search != "" && !strings.Contains(name, "/") {
		name = searched(c)
	}
	for range maxScripts {
		if !strings.HasPrefix(name, "/") && c.Dir != "" {
			name = filepath.Join(c.Dir, name)
		}
		name, err := filepath.Abs(name)
		if err != nil {
			break
		}
		if real, err := filepath.EvalSymlinks(name); err == nil {
			name = real
		}
		out = append(out, name)
		fd, err := unix.Open(name, pathOnly, 0)
		if err != nil {
			break
		}
		script, loader, _ := interpreters(fd)
		unix.Close(fd)
		if loader != "" {
			if real, err := filepath.EvalSymlinks(loader); err == nil {
				out = append(out, real)
			}
		}
		if script == "" {
			break
		}
		name = script
	}
	return out
}

// searched returns the file that a name without a slash stands for.
func searched(c *forkexec.Cmd) string {
	for _, dir := range filepath.SplitList(c.Search) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(c.Dir, dir)
		}
		name := filepath.Join(dir, c.Path)
		if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() && fi.Mode().Perm()&0o111 != 0 {
			return name
		}
	}
	return c.Path
}

// landlockRights are those that the kernel knows.
type landlockRights struct{ fs, net, scoped uint64 }

// landlockKnown asks the kernel for each right: the version's number says less.
var landlockKnown = sync.OnceValue(func() landlockRights {
	var out landlockRights
	for bit := range 17 {
		// Devices have commands that no rule tells from others: ioctl is not held.
		if r := uint64(1) << bit; r != unix.LANDLOCK_ACCESS_FS_IOCTL_DEV && landlockHas(landlockRights{fs: r}) {
			out.fs |= r
		}
	}
	for _, r := range [...]uint64{unix.LANDLOCK_ACCESS_NET_BIND_TCP, unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, landlockSendUDP} {
		if landlockHas(landlockRights{net: r}) {
			out.net |= r
		}
	}
	for _, r := range [...]uint64{unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, unix.LANDLOCK_SCOPE_SIGNAL} {
		if landlockHas(landlockRights{scoped: r}) {
			out.scoped |= r
		}
	}
	return out
})

func landlockHas(r landlockRights) bool {
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&r)), unsafe.Sizeof(r), 0)
	if e != 0 {
		return false
	}
	unix.Close(int(fd))
	return true
}
