package main

import (
	"regexp"
	"slices"
	"strings"
)

// numberedIoctl describes commands that are plain numbers: they are older than
// _IO, or are made by adding to one.
type numberedIoctl struct {
	header string // "" for every header
	names  string // regular expression for the start of the name
	high   uint64 // the number without its low byte
}

func numberedIoctls() []numberedIoctl {
	return []numberedIoctl{
		{"asm/ioctls.h", "(TC|TIOC|FIO)", 0x54},
		{"asm/sockios.h", "(SIOC|FIO)", 0x89},
		{"", "SIOC", 0x89},
		{"", "SIOGIF", 0x89},
		{"linux/bpqether.h", "SIOC", 0x50},
		{"linux/wireless.h", "SIOC", 0x8b},
		{"linux/cdrom.h", "(CDROM|DVD_)", 0x53},
		{"", "FBIO", 0x46},
		{"linux/hdreg.h", "HDIO_", 0x03},
		{"linux/i2c-dev.h", "I2C_", 0x07},
		{"linux/kd.h", "(KD|GIO_|PIO_|KIOC)", 0x4b},
		{"linux/loop.h", "LOOP_", 0x4c},
		{"linux/lp.h", "LP[A-Z]", 0x06},
		{"linux/vt.h", "VT_", 0x56},
	}
}

// isIoctl tells whether the fact is a command of ioctl(2).
func (f *fact) isIoctl() bool {
	if base, _, hasParams := strings.Cut(f.name, "("); hasParams && isIoctlMaker(base) {
		return false
	}
	if strings.HasPrefix(f.name, "SOUND_MIXER_READ_") {
		return false // MIXER_READ(SOUND_MIXER_...)
	}
	for _, k := range f.values {
		if k != nil && (k.ioctl || f.isNumberedIoctl(k.bits)) {
			return true
		}
	}
	return false
}

// isNumberedIoctl leaves out commands that are SIOCDEVPRIVATE or
// SIOCPROTOPRIVATE plus something: every protocol has other ones there.
func (f *fact) isNumberedIoctl(bits uint64) bool {
	private := bits >= 0x89e0 && bits <= 0x89ff && !strings.HasSuffix(f.name, "PRIVATE")
	return !private && slices.ContainsFunc(numberedIoctls(), func(r numberedIoctl) bool {
		return r.high == bits>>8 && (r.header == "" || r.header == f.header) &&
			regexp.MustCompile("^"+r.names).MatchString(f.name)
	})
}

// isIoctlMaker knows macros with parameters that wrap _IO for other macros.
func isIoctlMaker(name string) bool {
	for _, suffix := range []string{"_IO", "_IOR", "_IOW", "_IOWR"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// addCommand adds a command, called NAME() if it is a macro with parameters. It
// reports whether the table agrees: the first header to define a name has it.
func (t factTable) addCommand(f *fact) bool {
	base, _, hasParams := strings.Cut(f.name, "(")
	name := f.name
	if hasParams {
		name = base + "()"
	}
	if old := t[name]; old != nil {
		return old.absorb(f)
	}
	t[name] = &fact{name: name, header: f.header, values: slices.Clone(f.values)}
	return true
}

// libcCommand is a command in a header that the kernel leaves to libc.
type libcCommand struct {
	name  string
	value uint64
}

// libcCommands are those of scsi/sg.h and scsi/scsi_ioctl.h. SCSI_IOCTL_'s 1 to
// 6 are left out: there FIBMAP and the like are meant.
func libcCommands() map[string][]libcCommand {
	return map[string][]libcCommand{
		"scsi/sg.h": {
			{"SG_SET_TIMEOUT", 0x2201},
			{"SG_GET_TIMEOUT", 0x2202},
			{"SG_EMULATED_HOST", 0x2203},
			{"SG_SET_TRANSFORM", 0x2204},
			{"SG_GET_TRANSFORM", 0x2205},
			{"SG_GET_COMMAND_Q", 0x2270},
			{"SG_SET_COMMAND_Q", 0x2271},
			{"SG_GET_RESERVED_SIZE", 0x2272},
			{"SG_SET_RESERVED_SIZE", 0x2275},
			{"SG_GET_SCSI_ID", 0x2276},
			{"SG_SET_FORCE_LOW_DMA", 0x2279},
			{"SG_GET_LOW_DMA", 0x227a},
			{"SG_SET_FORCE_PACK_ID", 0x227b},
			{"SG_GET_PACK_ID", 0x227c},
			{"SG_GET_NUM_WAITING", 0x227d},
			{"SG_SET_DEBUG", 0x227e},
			{"SG_GET_SG_TABLESIZE", 0x227f},
			{"SG_GET_VERSION_NUM", 0x2282},
			{"SG_NEXT_CMD_LEN", 0x2283},
			{"SG_SCSI_RESET", 0x2284},
			{"SG_IO", 0x2285},
			{"SG_GET_REQUEST_TABLE", 0x2286},
			{"SG_SET_KEEP_ORPHAN", 0x2287},
			{"SG_GET_KEEP_ORPHAN", 0x2288},
			{"SG_GET_ACCESS_COUNT", 0x2289},
		},
		"scsi/scsi_ioctl.h": {
			{"SCSI_IOCTL_DOORLOCK", 0x5380},
			{"SCSI_IOCTL_DOORUNLOCK", 0x5381},
			{"SCSI_IOCTL_GET_IDLUN", 0x5382},
			{"SCSI_IOCTL_PROBE_HOST", 0x5385},
			{"SCSI_IOCTL_GET_BUS_NUMBER", 0x5386},
			{"SCSI_IOCTL_GET_PCI", 0x5387},
		},
	}
}

func (t factTable) addLibcCommands() {
	for header, commands := range libcCommands() {
		for _, command := range commands {
			for column := range abis() {
				t.set(command.name, header, column, constant{bits: command.value, size: 4})
			}
		}
	}
}

// dropAliases takes out names that are only other names of commands in the
// table: SIOCGSTAMP is SIOCGSTAMP_OLD, or on some ABIs an expression of it.
func (t factTable) dropAliases() {
	aliases := repeatedCommands()
	for name, f := range t {
		for _, k := range f.values {
			if k != nil && t[k.alias] != nil {
				aliases = append(aliases, name)
			}
		}
	}
	for _, name := range aliases {
		delete(t, name)
	}
}

// repeatedCommands are defined again, under another name, by number.
func repeatedCommands() []string {
	return []string{
		"BTRFS_IOC_SHUTDOWN", "EXFAT_IOC_SHUTDOWN", "EXT4_IOC_SHUTDOWN", "F2FS_IOC_SHUTDOWN", // FS_IOC_SHUTDOWN
		"CDROM_GET_UPC",      // CDROM_GET_MCN
		"DMA_BUF_SET_NAME",   // DMA_BUF_SET_NAME_A or _B
		"HDIO_DRIVE_CMD_AEB", // HDIO_DRIVE_TASK
		"PPPIOCGIDLE",        // PPPIOCGIDLE32 or 64
		"VIDIOC_SUBDEV_DV_TIMINGS_CAP", "VIDIOC_SUBDEV_ENUMSTD", "VIDIOC_SUBDEV_ENUM_DV_TIMINGS",
		"VIDIOC_SUBDEV_G_DV_TIMINGS", "VIDIOC_SUBDEV_G_EDID", "VIDIOC_SUBDEV_G_STD",
		"VIDIOC_SUBDEV_QUERYSTD", "VIDIOC_SUBDEV_QUERY_DV_TIMINGS", "VIDIOC_SUBDEV_S_DV_TIMINGS",
		"VIDIOC_SUBDEV_S_EDID", "VIDIOC_SUBDEV_S_STD", // VIDIOC_ without SUBDEV_
	}
}
