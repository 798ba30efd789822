package syscalls

// namespaceKinds are the kinds of namespaces by their names in /proc/PID/ns, in
// that order, with the flags of clone(2) that stand for them.
var namespaceKinds = [...]struct {
	flag uint64
	name string
	word string
}{
	{0x02000000, "cgroup", "cgroup:"},
	{0x08000000, "ipc", "ipc:"},
	{0x00020000, "mnt", "mnt:"},
	{0x40000000, "net", "net:"},
	{0x20000000, "pid", "pid:"},
	{0x00000080, "time", "time:"},
	{0x10000000, "user", "user:"},
	{0x04000000, "uts", "uts:"},
}

// newNamespaces adds the namespaces for which there are flags in arg[0] that the
// process is in: the calling one, or the one that the call made if arg[1] is not
// 0.
func (d *Decoder) newNamespaces(_ value, arg []uint64) {
	t, ok := d.t.(NamespaceNamer)
	if !d.Namespaces || !ok || !d.succeeded() {
		return
	}
	id := int32(0)
	if arg[1] != 0 {
		id = int32(d.ev.Ret)
	}
	for i := range namespaceKinds {
		k := &namespaceKinds[i]
		if arg[0]&k.flag == 0 {
			continue
		}
		ino := t.Namespace(id, k.name)
		if ino == 0 || !d.Open(Node{Kind: Labelled, Name: k.word}) {
			continue
		}
		if d.Open(Node{Kind: Array}) {
			d.Add(Node{Kind: Uint, Val: ino})
			d.Close()
		}
		d.Close()
	}
}
