package unwind

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// debugRoot is where distributions keep separate debug files, by build id and
// by path: gdb's manual, "Debugging Information in Separate Files".
const debugRoot = "/usr/lib/debug"

// openELF parses f. debug/elf panics on no input it is known for, but it reads
// files a traced program chose.
func openELF(r io.ReaderAt) (f *elf.File) {
	defer func() {
		if recover() != nil {
			f = nil
		}
	}()
	f, err := elf.NewFile(r)
	if err != nil || f.Data != elf.ELFDATA2LSB {
		return nil
	}
	return f
}

// buildID returns the GNU build id of f in hexadecimal digits, or "".
func buildID(f *elf.File) string {
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOTE || s.Size > 4096 {
			continue
		}
		if id := noteID(sectionData(s)); id != "" {
			return id
		}
	}
	return ""
}

// noteID finds NT_GNU_BUILD_ID among notes: elf(5), "Notes".
func noteID(data []byte) string {
	const ntGNUBuildID = 3
	for r := (&reader{b: data}); r.left() > 0; {
		nameSize, descSize, kind := r.u32(), r.u32(), r.u32()
		name := r.bytes(uint64(nameSize+3) &^ 3)
		desc := r.bytes(uint64(descSize))
		r.bytes(min(uint64(-descSize&3), uint64(r.left())))
		if r.bad {
			return ""
		}
		if kind == ntGNUBuildID && bytes.Equal(name, []byte("GNU\x00")) {
			return hex.EncodeToString(desc)
		}
	}
	return ""
}

// openDebugFile opens the separate debug file of the file f at path: by build
// id below root, else by the name and checksum in .gnu_debuglink. It may be nil.
func openDebugFile(f *elf.File, path, root string) (*os.File, *elf.File) {
	id := buildID(f)
	if len(id) > 2 {
		name := filepath.Join(root, ".build-id", id[:2], id[2:]+".debug")
		if file, debug := openIf(name, func(_ *os.File, d *elf.File) bool { return buildID(d) == id }); debug != nil {
			return file, debug
		}
	}
	link := reader{b: sectionData(f.Section(".gnu_debuglink"))}
	base := string(link.cstring())
	link.off = (link.off + 3) &^ 3
	sum := link.u32()
	if link.bad || base == "" || filepath.Base(base) != base || !filepath.IsAbs(path) {
		return nil, nil
	}
	fits := func(file *os.File, d *elf.File) bool {
		if id != "" {
			return buildID(d) == id
		}
		return checksum(file) == sum
	}
	dir := filepath.Dir(path)
	for _, name := range []string{
		filepath.Join(dir, base), filepath.Join(dir, ".debug", base), filepath.Join(root, dir, base),
	} {
		if file, debug := openIf(name, fits); debug != nil {
			return file, debug
		}
	}
	return nil, nil
}

// openIf opens the ELF file at name if it fits.
func openIf(name string, fits func(*os.File, *elf.File) bool) (*os.File, *elf.File) {
	file := openRegular(name)
	if file == nil {
		return nil, nil
	}
	if debug := openELF(file); debug != nil && fits(file, debug) {
		return file, debug
	}
	_ = file.Close()
	return nil, nil
}

// checksum is the CRC-32 of .gnu_debuglink, over the whole file.
func checksum(f *os.File) uint32 {
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, maxSection)); err != nil {
		return 0
	}
	return h.Sum32()
}
