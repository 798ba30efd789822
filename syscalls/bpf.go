package syscalls

// kernelVersion adds the version that a BPF program says it is for:
// KERNEL_VERSION(5, 15, 3) (include/uapi/linux/version.h).
func (d *Decoder) kernelVersion(v value, _ []uint64) {
	d.OpenFunc("KERNEL_VERSION")
	d.Add(Node{Kind: Uint, Val: v.raw >> 16, Width: 4})
	d.Add(Node{Kind: Uint, Val: v.raw >> 8 & 0xff, Width: 4})
	d.Add(Node{Kind: Uint, Val: v.raw & 0xff, Width: 4})
	d.CloseFunc()
}
