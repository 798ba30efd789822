package tracer

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// needI386 skips a test where the kernel runs no 32-bit programs: built without
// CONFIG_IA32_EMULATION, or started with ia32_emulation=0. int $0x80 faults
// there too.
func needI386(t *testing.T) {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "exit")
	if err := os.WriteFile(exe, exitELF32(), 0o755); err != nil {
		t.Fatal(err)
	}
	err := exec.Command(exe).Run()
	switch {
	case errors.Is(err, unix.ENOEXEC):
		t.Skip("this kernel runs no i386 programs")
	case err != nil:
		t.Fatalf("a 32-bit exit(0): %v", err)
	}
}

// exitELF32 is an i386 program that calls exit(0): elf(5).
func exitELF32() []byte {
	const base, headers = 0x08048000, 52 + 32
	code := []byte{0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80} // xor %ebx,%ebx; mov $1,%eax; int $0x80
	size := uint32(headers + len(code))
	le := binary.LittleEndian
	b := append([]byte("\x7fELF\x01\x01\x01"), make([]byte, 9)...)
	for _, v := range []uint16{2, 3} { // ET_EXEC, EM_386
		b = le.AppendUint16(b, v)
	}
	for _, v := range []uint32{1, base + headers, 52, 0, 0} { // version, entry, phoff, shoff, flags
		b = le.AppendUint32(b, v)
	}
	for _, v := range []uint16{52, 32, 1, 0, 0, 0} { // sizes and numbers of headers
		b = le.AppendUint16(b, v)
	}
	for _, v := range []uint32{1, 0, base, base, size, size, 5, 4096} { // PT_LOAD, read and execute
		b = le.AppendUint32(b, v)
	}
	return append(b, code...)
}
