package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// headerDirs are the parts of the include directory that are the same for every
// ABI, in order of precedence: where two headers give one name different
// values, the one listed first has it.
func headerDirs() []string {
	return []string{
		"linux", "asm-generic", "mtd", "scsi", "misc", "rdma", "sound", "video",
		"regulator", "cxl", "fwctl", "xen", "drm",
	}
}

// headerNames lists the headers as they are included: asm/ first, then those
// of headerDirs. An asm-generic header that architectures wrap is not listed.
func (c *compiler) headerNames() ([]string, error) {
	found := map[string]bool{}
	var names []string
	add := func(root, dir string) error {
		more, err := listHeaders(root, dir)
		for _, name := range more {
			arch := strings.Replace(name, "asm-generic/", "asm/", 1)
			if !found[name] && !found[arch] && !isSkippedHeader(name) {
				found[name] = true
				names = append(names, name)
			}
		}
		return err
	}
	for _, a := range abis() {
		if err := add(filepath.Join(c.include, a.dir), "asm"); err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	for _, dir := range headerDirs() {
		if err := add(c.include, dir); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func listHeaders(root, dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".h") {
			return err
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list headers: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

// isSkippedHeader leaves out what is no fact of its own: call numbers (they
// have their own file), the kernel's version, and the generic half of asm/mman.h.
func isSkippedHeader(name string) bool {
	return name == "linux/version.h" || name == "asm-generic/unistd.h" || name == "asm-generic/mman-common.h" ||
		strings.HasPrefix(name, "asm/unistd") || strings.HasPrefix(name, "asm/posix_types_")
}

// owns tells whether names defined in file are extracted with header. An
// architecture's header answers for what it takes from asm-generic, for only
// through it the generic values are those of the architecture.
func owns(header, file string) bool {
	if strings.HasPrefix(header, "asm/") {
		return file == header || strings.HasPrefix(file, "asm-generic/")
	}
	return file == header
}

// preludes returns what to include before a header, to be tried in turn: many
// headers leave it to the program to declare the types that they use.
func preludes(header string) []string {
	const types = "#include <sys/types.h>\n#include <linux/time.h>\n"
	const sockets = types + "#include <sys/socket.h>\n#include <linux/in.h>\n#include <linux/in6.h>\n" +
		"#include <linux/if.h>\n#include <linux/if_ether.h>\n"
	switch header {
	case "asm/ucontext.h", "asm-generic/ucontext.h":
		return []string{types + "#include <asm/signal.h>\n#include <asm/sigcontext.h>\n"}
	case "asm/ioctls.h":
		return []string{"#include <asm/termbits.h>\n"}
	case "linux/patchkey.h":
		return []string{"#define _LINUX_PATCHKEY_H_INDIRECT\n"}
	case "linux/sctp.h":
		// MSG_FIN is in the kernel's private include/linux/socket.h.
		return []string{"#define MSG_FIN 0x200\n" + sockets}
	case "xen/evtchn.h", "xen/gntdev.h":
		return []string{"#include <xen/interface/xen.h>\n"}
	}
	return []string{"", types, sockets}
}

// afterwards returns what to include after a header for the sake of macros that
// use more than it declares, to be tried in turn. Some of that is the kernel's
// own vocabulary, which its exported headers should not use but do.
func afterwards() []string {
	const kernel = "#include <sys/types.h>\n#include <stdbool.h>\n#include <limits.h>\n" +
		"#include <linux/errno.h>\n#include <asm/fcntl.h>\n#include <asm/ioctls.h>\n" +
		"#include <linux/sockios.h>\n#include <linux/const.h>\n#include <shim/kernel.h>\n"
	return []string{
		kernel + "#include <sys/socket.h>\n#include <linux/if.h>\n#include <linux/filter.h>\n" +
			"#include <linux/serial.h>\n#include <linux/in6.h>\n#include <linux/time.h>\n" +
			"#include <linux/major.h>\n#include <linux/atmioc.h>\n#include <linux/rtnetlink.h>\n" +
			"#include <linux/fiemap.h>\n#include <linux/blktrace_api.h>\n#include <linux/usb/ch9.h>\n" +
			"#include <linux/netfilter/nf_conntrack_common.h>\n#include <linux/videodev2.h>\n",
		kernel,
	}
}
