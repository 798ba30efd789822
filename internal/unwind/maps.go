package unwind

import (
	"bytes"
	"sort"
	"strconv"
)

// mapping is an executable line of /proc/PID/maps: proc_pid_maps(5).
type mapping struct {
	start, end uint64
	offset     uint64
	inode      uint64
	name       string // as in the text, with " (deleted)"; empty: anonymous
	span       string // START-END as in the text: the name in map_files
	mod        *module
	sought     bool
}

// parseMaps reads the executable mappings, which is all a program counter can
// be in. Lines it cannot read are left out.
func parseMaps(text []byte) []mapping {
	var maps []mapping
	for line := range bytes.Lines(text) {
		if m, ok := parseMapLine(bytes.TrimSuffix(line, []byte("\n"))); ok {
			maps = append(maps, m)
		}
	}
	sort.SliceStable(maps, func(i, j int) bool { return maps[i].start < maps[j].start })
	return maps
}

// parseMapLine reads "START-END PERM OFFSET MAJ:MIN INODE   NAME".
func parseMapLine(line []byte) (m mapping, ok bool) {
	span, rest, _ := bytes.Cut(line, []byte(" "))
	perm, rest, _ := bytes.Cut(rest, []byte(" "))
	offset, rest, _ := bytes.Cut(rest, []byte(" "))
	_, rest, _ = bytes.Cut(rest, []byte(" "))
	inode, name, _ := bytes.Cut(rest, []byte(" "))
	start, end, found := bytes.Cut(span, []byte("-"))
	if !found || len(perm) < 3 || perm[2] != 'x' {
		return m, false
	}
	var bad [4]error
	m.start, bad[0] = strconv.ParseUint(string(start), 16, 64)
	m.end, bad[1] = strconv.ParseUint(string(end), 16, 64)
	m.offset, bad[2] = strconv.ParseUint(string(offset), 16, 64)
	m.inode, bad[3] = strconv.ParseUint(string(inode), 10, 64)
	if bad != [4]error{} || m.end <= m.start {
		return m, false
	}
	m.name = string(bytes.TrimLeft(name, " "))
	m.span = string(span)
	return m, true
}

// mappingAt returns the mapping that has pc.
func mappingAt(maps []mapping, pc uint64) *mapping {
	i := sort.Search(len(maps), func(i int) bool { return maps[i].end > pc })
	if i == len(maps) || maps[i].start > pc {
		return nil
	}
	return &maps[i]
}
