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
		{"", "SIOC", 0x89}, // SIOCDEVPRIVATE+n and SIOCPROTOPRIVATE+n too
		{"", "SIOGIF", 0x89},
		{"linux/bpqether.h", "SIOC", 0x50},
		{"linux/wireless.h", "SIOC[GS]IW", 0x8b},
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
	if base, _, _ := strings.Cut(f.name, "("); isIoctlMaker(f.header, base) {
		return false
	}
	for _, k := range f.values {
		if k != nil && (k.ioctl || f.isNumberedIoctl(k.bits)) {
			return true
		}
	}
	return false
}

func (f *fact) isNumberedIoctl(bits uint64) bool {
	return slices.ContainsFunc(numberedIoctls(), func(r numberedIoctl) bool {
		return r.high == bits>>8 && (r.header == "" || r.header == f.header) &&
			regexp.MustCompile("^"+r.names).MatchString(f.name)
	})
}

// isIoctlMaker knows what uses _IO without being a command: macros that wrap
// it, and the protocol that BINDER_WRITE_READ carries.
func isIoctlMaker(header, name string) bool {
	if header == "linux/android/binder.h" {
		return strings.HasPrefix(name, "BC_") || strings.HasPrefix(name, "BR_")
	}
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
