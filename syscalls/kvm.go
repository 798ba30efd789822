package syscalls

import "encoding/binary"

// Offsets in struct kvm_run of linux/kvm.h.
const kvmRunExitReason = 8

// kvmExit adds why a virtual CPU stopped running: (KVM_EXIT_IO).
func (d *Decoder) kvmExit(value, []uint64) {
	t, ok := d.t.(VCPUNamer)
	if !d.VCPUs || !ok || !d.succeeded() {
		return
	}
	var reason [4]byte
	addr, _, ok := t.VCPU(int32(d.ev.Args[0]))
	if !ok || d.t.ReadMemory(addr+kvmRunExitReason, reason[:]) < len(reason) {
		return
	}
	if name := d.abi.KVMExit(uint64(binary.NativeEndian.Uint32(reason[:]))); name != "" {
		d.lit(name)
	}
}

// KVMExit names a reason for which a virtual CPU stops running, as KVM_EXIT_IO; ""
// if there is none of that number.
func (a *ABI) KVMExit(reason uint64) string { return a.table(tbKvmExit).Lookup(reason) }

// KVMDirections are the directions of KVM_EXIT_IO.
func (a *ABI) KVMDirections() *Table { return a.table(tbKvmIo) }
