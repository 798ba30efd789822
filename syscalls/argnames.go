package syscalls

// Calls whose arguments have other names for each operation, as strace's -N shows
// them; the words are those of the manual pages prctl(2), PR_*(2const), keyctl(2),
// futex(2) and io_uring_enter(2). Where an operation has none, the description's stand.

// opNames are, for the name of an operation, those of the arguments behind it.
type opNames map[string][]string

var prctlNames = opNames{
	"PR_SET_PDEATHSIG": {"sig"}, "PR_GET_PDEATHSIG": {"sig"}, "PR_SET_DUMPABLE": {"dumpable"},
	"PR_GET_UNALIGN": {"flags"}, "PR_SET_UNALIGN": {"flags"}, "PR_SET_KEEPCAPS": {"state"},
	"PR_GET_FPEMU": {"fpemu"}, "PR_SET_FPEMU": {"fpemu"}, "PR_GET_FPEXC": {"mode"}, "PR_SET_FPEXC": {"mode"},
	"PR_SET_TIMING": {"mode"}, "PR_SET_NAME": {"name"}, "PR_GET_NAME": {"name"},
	"PR_GET_ENDIAN": {"endianness"}, "PR_SET_ENDIAN": {"endianness"}, "PR_SET_SECCOMP": {"mode", "filter"},
	"PR_CAPBSET_READ": {"cap"}, "PR_CAPBSET_DROP": {"cap"}, "PR_GET_TSC": {"flag"}, "PR_SET_TSC": {"flag"},
	"PR_SET_SECUREBITS": {"flags"}, "PR_SET_TIMERSLACK": {"slack"}, "PR_MCE_KILL": {"operation"},
	"PR_SET_MM": {"operation"}, "PR_SET_CHILD_SUBREAPER": {"set"}, "PR_GET_CHILD_SUBREAPER": {"isset"},
	"PR_SET_NO_NEW_PRIVS": {"set"}, "PR_GET_TID_ADDRESS": {"addr"}, "PR_SET_THP_DISABLE": {"flag"},
	"PR_SET_FP_MODE": {"mode"}, "PR_CAP_AMBIENT": {"operation", "caps"}, "PR_SVE_SET_VL": {"value"},
	"PR_GET_SPECULATION_CTRL": {"misfeature"}, "PR_SET_SPECULATION_CTRL": {"misfeature", "value"},
	"PR_PAC_RESET_KEYS": {"keys"}, "PR_SET_TAGGED_ADDR_CTRL": {"mode"}, "PR_SET_IO_FLUSHER": {"state"},
	"PR_SET_SYSCALL_USER_DISPATCH": {"operation", "off", "size", "switch"},
	"PR_PAC_SET_ENABLED_KEYS":      {"bitmask_affected", "bitmask_set"}, "PR_SME_SET_VL": {"arg"}, "PR_SET_MDWE": {"mask"},
	"PR_RISCV_V_SET_CONTROL": {"arg"}, "PR_RISCV_SET_ICACHE_FLUSH_CTX": {"ctx", "scope"},
	"PR_PPC_GET_DEXCR": {"which"}, "PR_PPC_SET_DEXCR": {"which", "ctrl"}, "PR_SET_PTRACER": {"pid"},
}

var keyctlNames = opNames{
	"KEYCTL_GET_KEYRING_ID": {"key", "create"}, "KEYCTL_JOIN_SESSION_KEYRING": {"name"},
	"KEYCTL_UPDATE": {"key", "payload", "plen"}, "KEYCTL_REVOKE": {"key"}, "KEYCTL_CHOWN": {"key", "uid", "gid"},
	"KEYCTL_SETPERM": {"key", "perms"}, "KEYCTL_DESCRIBE": {"key", "buffer", "buflen"}, "KEYCTL_CLEAR": {"key"},
	"KEYCTL_LINK": {"key", "keyring"}, "KEYCTL_UNLINK": {"key", "keyring"},
	"KEYCTL_SEARCH": {"keyring", "type", "description", "dest_keyring"}, "KEYCTL_READ": {"key", "buffer", "buflen"},
	"KEYCTL_INSTANTIATE": {"key", "payload", "plen", "keyring"}, "KEYCTL_NEGATE": {"key", "timeout", "keyring"},
	"KEYCTL_SET_REQKEY_KEYRING": {"reqkey_defl"}, "KEYCTL_SET_TIMEOUT": {"key", "timeout"},
	"KEYCTL_ASSUME_AUTHORITY": {"key"}, "KEYCTL_GET_SECURITY": {"key", "buffer", "buflen"},
	"KEYCTL_REJECT": {"key", "timeout", "error", "keyring"}, "KEYCTL_INSTANTIATE_IOV": {"key", "payload", "plen", "keyring"},
	"KEYCTL_INVALIDATE": {"key"}, "KEYCTL_GET_PERSISTENT": {"uid", "keyring"},
	"KEYCTL_DH_COMPUTE": {"dh_params", "buffer", "buflen", "kdf_params"}, "KEYCTL_PKEY_QUERY": {"key", "reserved", "params", "info"},
	"KEYCTL_PKEY_ENCRYPT": {"params", "info", "in", "out"}, "KEYCTL_PKEY_DECRYPT": {"params", "info", "in", "out"},
	"KEYCTL_PKEY_SIGN": {"params", "info", "in", "out"}, "KEYCTL_PKEY_VERIFY": {"params", "info", "in", "in2"},
	"KEYCTL_RESTRICT_KEYRING": {"keyring", "type", "restriction"}, "KEYCTL_MOVE": {"key", "from_keyring", "to_keyring", "flags"},
	"KEYCTL_CAPABILITIES": {"buffer", "buflen"},
}

// ioctlNames are the names of the last argument where it is not argp: those of ioctl_tty(2), ioctl_fs(2) and its
// relatives, hd.h's and gpio.h's documentation in the kernel. Of commands with two names the first one stands here.
var ioctlNames = map[string]string{
	"BTRFS_IOC_CLONE": "src_fd", "BTRFS_IOC_CLONE_RANGE": "arg", "BTRFS_IOC_FILE_EXTENT_SAME": "arg",
	"FS_IOC32_GETFLAGS": "attr", "FS_IOC32_SETFLAGS": "attr", "FS_IOC_FSGETXATTR": "arg", "FS_IOC_FSSETXATTR": "arg",
	"FS_IOC_GETFLAGS": "attr", "FS_IOC_GETFSLABEL": "label", "FS_IOC_GETFSSYSFSPATH": "arg", "FS_IOC_GETFSUUID": "arg",
	"FS_IOC_GETLBMD_CAP": "arg", "FS_IOC_SETFLAGS": "attr", "FS_IOC_SETFSLABEL": "label",
	"GPIOHANDLE_GET_LINE_VALUES_IOCTL": "values", "GPIOHANDLE_SET_CONFIG_IOCTL": "config",
	"GPIOHANDLE_SET_LINE_VALUES_IOCTL": "values", "GPIO_GET_CHIPINFO_IOCTL": "info",
	"GPIO_GET_LINEEVENT_IOCTL": "request", "GPIO_GET_LINEHANDLE_IOCTL": "request", "GPIO_GET_LINEINFO_IOCTL": "info",
	"GPIO_GET_LINEINFO_UNWATCH_IOCTL": "offset", "GPIO_GET_LINEINFO_WATCH_IOCTL": "info",
	"GPIO_V2_GET_LINEINFO_IOCTL": "info", "GPIO_V2_GET_LINEINFO_WATCH_IOCTL": "info",
	"GPIO_V2_GET_LINE_IOCTL": "request", "GPIO_V2_LINE_GET_VALUES_IOCTL": "values",
	"GPIO_V2_LINE_SET_CONFIG_IOCTL": "config", "GPIO_V2_LINE_SET_VALUES_IOCTL": "values", "HDIO_DRIVE_RESET": "arg",
	"HDIO_GET_32BIT": "arg", "HDIO_GET_ACOUSTIC": "arg", "HDIO_GET_ADDRESS": "arg", "HDIO_GET_BUSSTATE": "arg",
	"HDIO_GET_DMA": "arg", "HDIO_GET_IDENTITY": "identity", "HDIO_GET_KEEPSETTINGS": "keep_settings",
	"HDIO_GET_MULTCOUNT": "multcount", "HDIO_GET_NICE": "arg", "HDIO_GET_NOWERR": "arg",
	"HDIO_GET_UNMASKINTR": "unmaskintr", "HDIO_GET_WCACHE": "arg", "HDIO_OBSOLETE_IDENTITY": "identity",
	"HDIO_SCAN_HWIF": "arg", "HDIO_SET_32BIT": "arg", "HDIO_SET_ACOUSTIC": "arg", "HDIO_SET_ADDRESS": "arg",
	"HDIO_SET_BUSSTATE": "arg", "HDIO_SET_DMA": "arg", "HDIO_SET_KEEPSETTINGS": "keep_settings",
	"HDIO_SET_MULTCOUNT": "multcount", "HDIO_SET_NICE": "arg", "HDIO_SET_NOWERR": "arg", "HDIO_SET_PIO_MODE": "arg",
	"HDIO_SET_UNMASKINTR": "unmaskintr", "HDIO_SET_WCACHE": "arg", "HDIO_UNREGISTER_HWIF": "arg",
	"NS_GET_OWNER_UID": "uid", "TCFLSH": "arg", "TCSBRK": "arg", "TCSBRKP": "arg", "TCXONC": "arg", "TIOCPKT": "mode",
	"TIOCSCTTY": "arg", "TIOCSPTLCK": "lock",
}

// argName is the name of argument a, number i, in the call at hand.
func (d *Decoder) argName(a *Arg, i int) string {
	var names opNames
	var t tableID
	switch d.ev.Call.Name {
	case "prctl":
		names, t = prctlNames, tbPrctl
	case "keyctl":
		names, t = keyctlNames, tbKeyctl
	case "ioctl":
		if i == 2 {
			if s := ioctlNames[d.abi.table(tbIoctlops).Lookup(uint64(uint32(d.register(1))))]; s != "" {
				return s
			}
		}
		return a.Name
	case "futex", "futex_time64":
		if i == 3 && d.takesCount() {
			return "val2"
		}
		return a.Name
	case "io_uring_enter":
		const ext, reg = 1 << 3, 1 << 6 // IORING_ENTER_EXT_ARG, IORING_ENTER_EXT_ARG_REG
		if f := d.register(3) & (ext | reg); i >= 4 && (f == ext || f == reg) {
			return [...]string{"arg", "argsz"}[i-4]
		}
		return a.Name
	default:
		return a.Name
	}
	op := uint64(uint32(d.register(0)))
	name := d.abi.table(t).Lookup(op)
	subs := names[name]
	switch name {
	case "PR_SET_VMA": // of which only one attribute is known
		if d.register(1) == 0 {
			subs = vmaNames[:]
		} else {
			subs = vmaNames[:1]
		}
	case "PR_SCHED_CORE": // whose cookie one operation asks for
		if subs = coreNames[:]; uint32(d.register(1)) != 0 {
			subs = coreNames[:3]
		}
	case "PR_MCE_KILL":
		if d.register(1) == 1 {
			subs = mceNames[:]
		}
	case "PR_SET_SECCOMP":
		if d.register(1) != 2 { // SECCOMP_MODE_FILTER
			subs = subs[:1]
		}
	case "PR_CAP_AMBIENT":
		if v := d.register(1); v == 0 || v > 3 {
			subs = subs[:1]
		}
	}
	if i > 0 && i <= len(subs) {
		return subs[i-1]
	}
	return a.Name
}

var (
	vmaNames  = [...]string{"attr", "addr", "size", "name"}
	coreNames = [...]string{"operation", "pid", "pid_type", "cookie"}
	mceNames  = [...]string{"operation", "policy"}
)

// takesCount reports whether the operation of futex(2) takes a second count in the
// place of the timeout.
func (d *Decoder) takesCount() bool {
	const (
		requeue      = 3 // FUTEX_REQUEUE, include/uapi/linux/futex.h
		cmpRequeue   = 4
		wakeOp       = 5
		cmpRequeuePI = 12
		command      = 0x7f // FUTEX_CMD_MASK, without FUTEX_CLOCK_REALTIME
	)
	switch d.register(1) & command {
	case requeue, cmpRequeue, wakeOp, cmpRequeuePI:
		return true
	}
	return false
}
