package tracer

import "testing"

func TestVCPUMapping(t *testing.T) {
	const maps = `00400000-00401000 r--p 00000000 08:01 5 /bin/x
7f0000001000-7f0000002000 rw-s 00001000 00:10 7 anon_inode:kvm-vcpu:1
7f0000003000-7f0000006000 rw-s 00000000 00:10 7 anon_inode:kvm-vcpu:1
7f0000006000-7f0000009000 rw-s 00000000 00:10 7 anon_inode:kvm-vcpu:12
7f0000009000-7f000000a000 rw-p 00000000 00:00 0
`
	if addr, n, ok := vcpuMapping(maps, "anon_inode:kvm-vcpu:1", 1); !ok || n != 1 || addr != 0x7f0000003000 {
		t.Errorf("at %#x, CPU %d, %v", addr, n, ok)
	}
	if addr, _, ok := vcpuMapping(maps, "anon_inode:kvm-vcpu:2", 2); ok {
		t.Errorf("a CPU that is not mapped is at %#x", addr)
	}
}
