package forkexec

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// mountWords are the options of mount(8) that belong to the mount, not to its
// file system.
func mountWord(word string) (attr uint64, ok bool) {
	switch word {
	case "ro":
		return unix.MOUNT_ATTR_RDONLY, true
	case "nosuid":
		return unix.MOUNT_ATTR_NOSUID, true
	case "nodev":
		return unix.MOUNT_ATTR_NODEV, true
	case "noexec":
		return unix.MOUNT_ATTR_NOEXEC, true
	case "noatime":
		return unix.MOUNT_ATTR_NOATIME, true
	case "rw", "":
		return 0, true
	}
	return 0, false
}

func prepareMounts(cfg *childConfig, c *Cmd) error {
	cfg.ownMounts = c.Namespaces&unix.CLONE_NEWNS != 0
	cfg.slash[0], cfg.dot[0] = '/', '.'
	cfg.openHow = unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT}
	cfg.readonly.Attr_set = unix.MOUNT_ATTR_RDONLY
	cfg.readonlyRoot = c.ReadonlyRoot
	if c.Root != "" {
		if err := addMount(cfg, -1, Mount{Type: "bind", Source: c.Root, Target: "/"}); err != nil {
			return bad("Root", -1, err)
		}
	}
	for i, m := range c.Mounts {
		add := addMount
		if m.Type == "dev" {
			add = addDev
		}
		if err := add(cfg, i, m); err != nil {
			return bad("Mounts", i, err)
		}
	}
	cfg.newRoot = len(cfg.mounts) > 0 && cfg.mounts[0].root
	cfg.initramfs = cfg.newRoot && rootIsInitramfs()
	return nil
}

// addMount converts one mount.
func addMount(cfg *childConfig, index int, m Mount) error {
	cm := childMount{index: int32(index)}
	var err error
	if cm.source, err = unix.BytePtrFromString(m.Source); err != nil {
		return err
	}
	cm.attr.Attr_set = m.Attr
	switch m.Type {
	case "bind":
		cm.kind = mountBind
		info, err := os.Stat(m.Source)
		if m.Optional && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		cm.file = err == nil && !info.IsDir()
		for word := range strings.SplitSeq(m.Options, ",") {
			attr, ok := mountWord(word)
			if !ok {
				return errors.New("option " + word + " is none of a bind mount")
			}
			cm.attr.Attr_set |= attr
		}
	case "symlink":
		cm.kind = mountSymlink
	case "dir":
		cm.kind = mountDir
	default:
		cm.kind = mountFS
		if err := fsOptions(&cm, m); err != nil {
			return err
		}
	}
	if err := splitTarget(&cm, m.Target); err != nil {
		return err
	}
	cfg.mounts = append(cfg.mounts, cm)
	return nil
}

func splitTarget(cm *childMount, target string) error {
	target = strings.Trim(path.Clean("/"+target), "/")
	if target == "" {
		cm.root = true
		return nil
	}
	prefix := ""
	for name := range strings.SplitSeq(target, "/") {
		prefix += name
		p, err := unix.BytePtrFromString(prefix)
		if err != nil {
			return err
		}
		n, err := unix.BytePtrFromString(name)
		if err != nil {
			return err
		}
		cm.target = append(cm.target, component{p, n})
		prefix += "/"
	}
	return nil
}

// fsconfigMax is the longest value that fsconfig(2) takes, fs/fsopen.c.
const fsconfigMax = 255

// fsOptions converts the options of a file system. Layers of an overlay that
// are too long together go one by one (lowerdir+, Linux 6.8).
func fsOptions(cm *childMount, m Mount) error {
	var err error
	if cm.fstype, err = unix.BytePtrFromString(m.Type); err != nil {
		return err
	}
	if m.Source != "" {
		if err := addOption(cm, "source", m.Source, true); err != nil {
			return err
		}
	}
	for _, word := range splitOptions(m.Options) {
		if attr, ok := mountWord(word); ok {
			cm.attr.Attr_set |= attr
			continue
		}
		key, value, hasValue := strings.Cut(word, "=")
		if m.Type == "overlay" && key == "lowerdir" && len(value) > fsconfigMax {
			for layer := range strings.SplitSeq(value, ":") {
				if err := addOption(cm, "lowerdir+", layer, true); err != nil {
					return err
				}
			}
			continue
		}
		if err := addOption(cm, key, value, hasValue); err != nil {
			return err
		}
	}
	return nil
}

// splitOptions splits at commas that have no backslash before them.
func splitOptions(s string) []string {
	words := []string{""}
	for i := 0; i < len(s); i++ {
		last := len(words) - 1
		switch {
		case strings.HasPrefix(s[i:], `\,`):
			i++
			words[last] += ","
		case s[i] == ',':
			words = append(words, "")
		default:
			words[last] += s[i : i+1]
		}
	}
	return words
}

func addOption(cm *childMount, key, value string, hasValue bool) error {
	if len(value) > fsconfigMax {
		return errors.New("option " + key + " is longer than 255 bytes")
	}
	k, err := unix.BytePtrFromString(key)
	if err != nil {
		return err
	}
	var v *byte
	if hasValue {
		if v, err = unix.BytePtrFromString(value); err != nil {
			return err
		}
	}
	cm.options = append(cm.options, childOption{k, v})
	return nil
}

// addDev adds what makes a small /dev.
func addDev(cfg *childConfig, index int, m Mount) error {
	mounts := []Mount{{Type: "tmpfs", Target: m.Target, Options: "mode=755,size=64k,nosuid,noexec"}}
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		mounts = append(mounts, Mount{Type: "bind", Source: "/dev/" + name, Target: m.Target + "/" + name, Optional: true})
	}
	for _, link := range [][2]string{
		{"fd", "/proc/self/fd"},
		{"stdin", "/proc/self/fd/0"},
		{"stdout", "/proc/self/fd/1"},
		{"stderr", "/proc/self/fd/2"},
		{"ptmx", "pts/ptmx"},
	} {
		mounts = append(mounts, Mount{Type: "symlink", Source: link[1], Target: m.Target + "/" + link[0]})
	}
	mounts = append(mounts,
		Mount{Type: "devpts", Target: m.Target + "/pts", Options: "newinstance,ptmxmode=0666,mode=620,nosuid,noexec"},
		Mount{Type: "tmpfs", Target: m.Target + "/shm", Options: "mode=1777,nosuid,nodev"})
	for _, one := range mounts {
		if err := addMount(cfg, index, one); err != nil {
			return err
		}
	}
	return nil
}

// rootIsInitramfs says whether the root is the one mount that pivot_root(2)
// cannot put away.
func rootIsInitramfs() bool {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return false
	}
	initramfs := false
	for line := range strings.Lines(string(data)) {
		// 1 1 0:2 / / rw - rootfs rootfs rw: proc_pid_mountinfo(5)
		before, after, _ := strings.Cut(line, " - ")
		fields := strings.Fields(before)
		if len(fields) > 4 && fields[4] == "/" {
			initramfs = strings.HasPrefix(after, "rootfs ")
		}
	}
	return initramfs
}

func checkMounts(c *Cmd) error {
	own := c.Namespaces&unix.CLONE_NEWNS != 0
	switch {
	case c.Root != "" && !own:
		return bad("Root", -1, errors.New("needs CLONE_NEWNS in Namespaces"))
	case len(c.Mounts) > 0 && !own:
		return bad("Mounts", -1, errors.New("needs CLONE_NEWNS in Namespaces"))
	}
	newRoot := c.Root != ""
	for i, m := range c.Mounts {
		root := path.Clean("/"+m.Target) == "/"
		switch {
		case m.Type == "":
			return bad("Mounts", i, errors.New("no Type"))
		case strings.IndexByte(m.Type+m.Source+m.Target+m.Options, 0) >= 0:
			return bad("Mounts", i, errNUL)
		case m.Source == "" && (m.Type == "bind" || m.Type == "symlink"):
			return badf("Mounts", i, "%s without a Source", m.Type)
		case !strings.HasPrefix(m.Target, "/"):
			return badf("Mounts", i, "target %q is not absolute", m.Target)
		case root && (i > 0 || c.Root != ""):
			return bad("Mounts", i, errors.New("a new root that is not the first mount"))
		case root && (m.Type == "symlink" || m.Type == "dir" || m.Type == "dev"):
			return badf("Mounts", i, "%s cannot be the root", m.Type)
		}
		newRoot = newRoot || root
	}
	if c.ReadonlyRoot && !newRoot {
		return bad("ReadonlyRoot", -1, errors.New("needs Root, or a mount on /"))
	}
	return nil
}
