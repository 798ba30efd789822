package enforce

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An identity is what the kernel looks at when a thread asks for a file.
type identity struct {
	uid, gid uint32 // of the file system
	groups   []uint32
	uids     [3]uint32 // real, effective, saved
	gids     [3]uint32
	caps     uint64 // effective

	permitted uint64
	umask     int
	foreign   bool // of another user namespace than the supervisor's
}

// readIdentity reads who a thread is, from its status.
func readIdentity(tid int) (*identity, error) {
	name := "/proc/" + strconv.Itoa(tid)
	b, err := os.ReadFile(name + "/status")
	if err != nil {
		return nil, err
	}
	id := &identity{umask: -1}
	for line := range strings.Lines(string(b)) {
		key, val, _ := strings.Cut(line, ":")
		f := strings.Fields(val)
		switch {
		case key == "Uid" && len(f) == 4:
			id.uid = number(f[3])
			id.uids = [3]uint32{number(f[0]), number(f[1]), number(f[2])}
		case key == "Gid" && len(f) == 4:
			id.gid = number(f[3])
			id.gids = [3]uint32{number(f[0]), number(f[1]), number(f[2])}
		case key == "Groups":
			for _, g := range f {
				id.groups = append(id.groups, number(g))
			}
		case key == "CapEff" && len(f) == 1:
			id.caps, _ = strconv.ParseUint(f[0], 16, 64)
		case key == "CapPrm" && len(f) == 1:
			id.permitted, _ = strconv.ParseUint(f[0], 16, 64)
		case key == "Umask" && len(f) == 1:
			m, err := strconv.ParseUint(f[0], 8, 32)
			if err != nil {
				return nil, fmt.Errorf("umask of %d: %w", tid, err)
			}
			id.umask = int(m)
		}
	}
	if id.umask < 0 {
		return nil, fmt.Errorf("%s/status has no Umask", name) // before Linux 4.7
	}
	ours, err := os.Readlink("/proc/self/ns/user")
	theirs, err2 := os.Readlink(name + "/ns/user")
	if err2 != nil && err == nil {
		return nil, err2
	}
	if id.foreign = ours != theirs; id.foreign {
		id.caps, id.permitted = 0, 0 // they count in there only
	}
	return id, nil
}

func number(s string) uint32 {
	n, _ := strconv.ParseUint(s, 10, 32)
	return uint32(n)
}

// same reports whether two identities have the same rights.
func (id *identity) same(as *identity) bool {
	return id.uid == as.uid && id.gid == as.gid && id.caps == as.caps && slices.Equal(id.groups, as.groups)
}

// A mask is who the calling thread acts as: itself, or a thread of the program. It
// changes the calling thread alone, which must be locked to its goroutine and
// have unshared its file system attributes.
type mask struct {
	own, worn *identity
	umask     int
}

var errIdentity = errors.New("the supervisor may not act with the program's credentials")

// wear has the calling thread ask for files as id does.
func (m *mask) wear(id *identity) error {
	if m.umask != id.umask {
		unix.Umask(id.umask)
		m.umask = id.umask
	}
	if id.same(m.worn) {
		return nil
	}
	if err := m.off(); err != nil {
		return err
	}
	if id.same(m.own) {
		return nil
	}
	if m.own.caps&(1<<unix.CAP_SETUID) == 0 || m.own.caps&(1<<unix.CAP_SETGID) == 0 {
		return errIdentity
	}
	m.worn = id
	err := m.change(id)
	if err != nil {
		return errors.Join(err, m.off())
	}
	return nil
}

// asSelf does something as the supervisor itself.
func (w *worker) asSelf(do func() error) error {
	worn := w.mask.worn
	if worn == w.mask.own {
		return do()
	}
	if err := w.mask.off(); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, w.mask.wear(worn))
}

// change takes on groups and ids, and then the capabilities, which the ids change.
func (m *mask) change(id *identity) error {
	if err := setGroups(id.groups); err != nil {
		return err
	}
	// The effective ids, which take those of the file system with them: sockets
	// tell them to the other side. For this thread alone, so not by package syscall.
	keep := ^uintptr(0)
	if _, _, e := unix.RawSyscall(setresgidCall, keep, uintptr(id.gid), keep); e != 0 {
		return fmt.Errorf("setresgid: %w", e)
	}
	if _, _, e := unix.RawSyscall(setresuidCall, keep, uintptr(id.uid), keep); e != 0 {
		return fmt.Errorf("setresuid: %w", e)
	}
	return setEffective(id.caps & m.own.caps)
}

// off has the calling thread be itself again.
func (m *mask) off() error {
	if m.worn == m.own {
		return nil
	}
	if err := setEffective(m.own.caps); err != nil {
		return err
	}
	m.worn = m.own
	return m.change(m.own)
}

func setGroups(groups []uint32) error {
	var p unsafe.Pointer
	if len(groups) > 0 {
		p = unsafe.Pointer(&groups[0])
	}
	// For this thread alone, which the one of package syscall is not.
	if _, _, e := unix.RawSyscall(setgroupsCall, uintptr(len(groups)), uintptr(p), 0); e != 0 {
		return fmt.Errorf("setgroups: %w", e)
	}
	return nil
}

// setEffective sets the effective capabilities of the calling thread.
func setEffective(caps uint64) error {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	data[0].Effective, data[1].Effective = uint32(caps), uint32(caps>>32)
	if err := unix.Capset(&hdr, &data[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}
