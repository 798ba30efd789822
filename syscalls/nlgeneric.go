package syscalls

// genlCommands are the commands of families of generic netlink; of all others strace
// takes those of the controller, and so are they shown here.
var genlCommands = [...]struct {
	family         string
	sent, received tableID
}{
	{"", tbCtrlCmd, tbCtrlCmd},
	{"TASKSTATS", tbGenlTaskstats, tbGenlTaskstats},
	{"tcp_metrics", tbGenlTcpMetrics, tbGenlTcpMetrics},
	{"SEG6", tbGenlSeg6, tbGenlSeg6},
	{"IOAM6", tbGenlIoam6, tbGenlIoam6},
	{"mptcp_pm", tbGenlMptcpPm, tbGenlMptcpPm},
	{"thermal", tbGenlThermal, tbGenlThermal},
	{"netdev", tbGenlNetdev, tbGenlNetdev},
	{"ethtool", tbGenlEthtool, tbGenlEthtoolKernel},
	{"devlink", tbGenlDevlink, tbGenlDevlink},
	{"nl80211", tbGenlNl80211, tbGenlNl80211},
}

// ctrlFamily adds the name of a family, in arg[0] bytes, and remembers it for the
// operations behind it, if its commands are known.
func (d *Decoder) ctrlFamily(v value, arg []uint64) {
	var p [16]byte // GENL_NAMSIZ
	n := d.t.ReadMemory(v.addr, p[:min(arg[0], uint64(len(p)))])
	name := p[:n]
	for i, c := range name {
		if c == 0 {
			name = name[:i]
			break
		}
	}
	for i := range genlCommands {
		if string(name) == genlCommands[i].family {
			d.genlFamily = uint8(i)
		}
	}
	d.nlString(v, arg)
}

// ctrlOp adds a command of the family that was named last.
func (d *Decoder) ctrlOp(v value, _ []uint64) {
	t := genlCommands[d.genlFamily].sent
	if d.exit {
		t = genlCommands[d.genlFamily].received
	}
	d.enumOf(d.abi.table(t), v.raw, 4)
}
