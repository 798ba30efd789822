package tracer

import (
	"os"
	"strconv"
	"strings"

	"strait/syscalls"
)

var _ syscalls.VCPUNamer = (*Task)(nil)

// VCPU implements [syscalls.VCPUNamer] by what the descriptor is called,
// anon_inode:kvm-vcpu:NUMBER, and a mapping of that name.
func (k *Task) VCPU(fd int32) (addr uint64, number int, ok bool) {
	name, err := os.Readlink(procPath(k.tid, "fd/"+strconv.Itoa(int(fd))))
	if err != nil {
		return 0, 0, false
	}
	digits, ok := strings.CutPrefix(name, "anon_inode:kvm-vcpu:")
	if !ok {
		return 0, 0, false
	}
	if number, err = strconv.Atoi(digits); err != nil {
		return 0, 0, false
	}
	maps, err := os.ReadFile(procPath(k.tid, "maps"))
	if err != nil {
		return 0, 0, false
	}
	return vcpuMapping(string(maps), name, number)
}

// vcpuMapping finds the beginning of a file of that name in /proc/PID/maps.
func vcpuMapping(maps, name string, number int) (addr uint64, n int, ok bool) {
	for line := range strings.Lines(maps) {
		// from-to perms offset device inode name
		f := strings.Fields(line)
		if len(f) != 6 || f[5] != name || strings.Trim(f[2], "0") != "" {
			continue
		}
		from, _, _ := strings.Cut(f[0], "-")
		if addr, err := strconv.ParseUint(from, 16, 64); err == nil {
			return addr, number, true
		}
	}
	return 0, 0, false
}
