package unwind

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fakeProcess is a process of bytes in a map: what is not there is unreadable.
type fakeProcess struct {
	regs    Registers
	maps    string
	regions map[uint64][]byte
	mapped  int // times the maps were read
}

func (p *fakeProcess) PID() int { return 1 << 30 } // no such process in /proc

func (p *fakeProcess) Registers() (Registers, error) {
	if p.regs.PC == 1 {
		return Registers{}, errors.New("no such process")
	}
	return p.regs, nil
}

func (p *fakeProcess) Maps() ([]byte, error) { p.mapped++; return []byte(p.maps), nil }

func (p *fakeProcess) ReadMemory(addr uint64, b []byte) int {
	for at, data := range p.regions {
		if addr >= at && addr-at < uint64(len(data)) {
			return copy(b, data[addr-at:])
		}
	}
	return 0
}

// words makes memory of 64-bit words, padded to a page.
func words(values ...uint64) []byte {
	b := make([]byte, pageSize)
	for i, v := range values {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	return b
}

// fakeSection is one section of a fake file.
type fakeSection struct {
	name  string
	kind  elf.SectionType
	flags elf.SectionFlag
	addr  uint64
	data  []byte
	link  uint32
}

// fakeText is where the fake files' one loaded segment is, in file and memory.
const fakeText = 0x1000

// makeELF writes a 64-bit little-endian file with a segment of text at
// fakeText and the sections; with a search table of frames if there is an
// .eh_frame_hdr among them.
func makeELF(machine elf.Machine, text []byte, sections ...fakeSection) []byte {
	var out bytes.Buffer
	names := []byte{0}
	body := make([]byte, fakeText, 8192)
	body = append(body, text...)
	headers := []elf.Section64{{}}
	progs := []elf.Prog64{{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X),
		Off: fakeText, Vaddr: fakeText, Filesz: uint64(len(text)), Memsz: uint64(len(text)), Align: pageSize,
	}}
	sections = append(sections, fakeSection{name: ".shstrtab", kind: elf.SHT_STRTAB})
	for i, s := range sections {
		off := uint32(len(names))
		names = append(append(names, s.name...), 0)
		if i == len(sections)-1 {
			s.data = names
		}
		if s.name == ".eh_frame_hdr" {
			progs = append(progs, elf.Prog64{
				Type: uint32(elf.PT_GNU_EH_FRAME), Off: uint64(len(body)), Vaddr: s.addr, Filesz: uint64(len(s.data)),
			})
		}
		headers = append(headers, elf.Section64{
			Name: off, Type: uint32(s.kind), Flags: uint64(s.flags), Addr: s.addr,
			Off: uint64(len(body)), Size: uint64(len(s.data)), Link: s.link, Entsize: 24,
		})
		body = append(body, s.data...)
	}
	head := elf.Header64{
		Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Phoff: 64, Shoff: uint64(len(body)),
		Ehsize: 64, Phentsize: 56, Phnum: uint16(len(progs)), Shentsize: 64,
		Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1),
	}
	copy(head.Ident[:], elf.ELFMAG)
	head.Ident[elf.EI_CLASS], head.Ident[elf.EI_DATA] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB)
	head.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	_ = binary.Write(&out, binary.LittleEndian, head)
	_ = binary.Write(&out, binary.LittleEndian, progs)
	copy(body, out.Bytes())
	out.Reset()
	out.Write(body)
	_ = binary.Write(&out, binary.LittleEndian, headers)
	return out.Bytes()
}

// entryBytes wraps a body with its length, padded with DW_CFA_nop.
func entryBytes(body []byte) []byte {
	for len(body)%8 != 4 {
		body = append(body, 0)
	}
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// frameBytes makes an .eh_frame of one CIE and an FDE for each function, which
// has absolute 64-bit addresses.
type fakeFunc struct {
	start, size uint64
	program     []byte
}

func frameBytes(eh bool, augmentation string, ra byte, codeAlign, dataAlign byte, initial []byte, funcs ...fakeFunc) []byte {
	id := uint32(0)
	if !eh {
		id = 0xffffffff
	}
	cie := binary.LittleEndian.AppendUint32(nil, id)
	cie = append(append(append(cie, 1), augmentation...), 0, codeAlign, dataAlign, ra)
	if augmentation != "" {
		cie = append(cie, 1, 0) // one byte: absolute pointers
	}
	out := entryBytes(append(cie, initial...))
	for _, f := range funcs {
		at := uint32(0)
		if eh {
			at = uint32(len(out)) + 4
		}
		fde := binary.LittleEndian.AppendUint32(nil, at)
		fde = binary.LittleEndian.AppendUint64(fde, f.start)
		fde = binary.LittleEndian.AppendUint64(fde, f.size)
		if augmentation != "" {
			fde = append(fde, 0)
		}
		out = append(out, entryBytes(append(fde, f.program...))...)
	}
	return out
}

// symbolBytes makes a symbol table of functions and its strings.
func symbolBytes(names map[string][2]uint64) (syms, strs []byte) {
	var b bytes.Buffer
	strs = []byte{0}
	_ = binary.Write(&b, binary.LittleEndian, elf.Sym64{})
	for name, at := range names {
		_ = binary.Write(&b, binary.LittleEndian, elf.Sym64{
			Name: uint32(len(strs)), Info: byte(elf.STT_FUNC), Shndx: 1, Value: at[0], Size: at[1],
		})
		strs = append(append(strs, name...), 0)
	}
	return b.Bytes(), strs
}

// fakeBase is where fake files are mapped: the bias of their addresses.
const fakeBase = uint64(0x550000000000)

// mapFile writes a fake file and returns the maps text of its segment.
func mapFile(t testing.TB, image []byte) (maps, name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "prog")
	if err := os.WriteFile(name, image, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x-%x r-xp %08x 00:00 %d    %s\n", fakeBase+fakeText, fakeBase+fakeText+pageSize, fakeText, inode(info), name), name
}
