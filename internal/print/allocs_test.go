package print

import (
	"encoding/binary"
	"testing"
	"time"

	"strait/syscalls"
)

// TestNoLineAllocates shows every call of amd64, with pointers to memory of several patterns, whole, in all
// styles of constants and as JSON: none of it allocates.
func TestNoLineAllocates(t *testing.T) {
	if testing.Short() {
		t.Skip("every call, many times")
	}
	self, small, letters := make(memory, 4096), make(memory, 4096), make(memory, 4096)
	for i := 0; i < len(self); i += 8 {
		binary.LittleEndian.PutUint64(self[i:], area+uint64(i/2))
		binary.LittleEndian.PutUint32(small[i:], uint32(16+i%64))
		binary.LittleEndian.PutUint32(small[i+4:], uint32(i/8%40))
		copy(letters[i:], "letters\xff")
	}
	d, buf, failed := syscalls.Decoder{FDs: true}, make([]byte, 0, 1<<22), 0
	abi := syscalls.ByID(syscalls.AMD64)
	one := func(name string, nr uint64, args [6]uint64, mem memory) {
		ev := &syscalls.Event{ABI: abi, Nr: nr, Args: args, Verbose: true}
		d.Enter(ev, mem)
		ev.Returned, ev.Ret = true, 3
		d.Exit(ev, mem)
		for style := XlatAbbrev; style <= XlatVerbose; style++ {
			text := Text{Xlat: style, ArgNames: style == XlatRaw, Location: time.UTC}
			n := allocations(func() {
				text.AppendResult(text.AppendArgs(text.AppendEnter(buf, ev), ev), ev)
			})
			if n != 0 && failed < 20 {
				failed++
				t.Errorf("%s(%#x), style %d: %v allocations", name, args, style, n)
			}
		}
		if n := allocations(func() { AppendJSON(buf, ev) }); n != 0 && failed < 20 {
			failed++
			t.Errorf("%s(%#x) as JSON: %v allocations", name, args, n)
		}
	}
	for nr, c := range abi.All {
		for _, mem := range []memory{self, small, letters} {
			one(c.Name, nr, [6]uint64{area, area, area, area, area, area}, mem)
			one(c.Name, nr, [6]uint64{3, area, 8, area + 512, 8, 8}, mem)
			one(c.Name, nr, [6]uint64{1, 2, area, area, area, area}, mem)
		}
	}
	ioctl, _ := abi.Number("ioctl")
	for kind := range uint64(256) {
		for nr := uint64(0); nr < 256; nr += 5 {
			one("ioctl", ioctl, [6]uint64{3, 3<<30 | 64<<16 | kind<<8 | nr, area}, small)
		}
	}
}

// allocations is how many each run of f makes: what the runtime of Go allocates meanwhile, which is
// less often, is not counted.
func allocations(f func()) float64 {
	if n := testing.AllocsPerRun(1, f); n == 0 {
		return 0
	}
	return testing.AllocsPerRun(20, f)
}
