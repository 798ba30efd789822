package forkexec

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// page is a report in memory that parent and child share after a fork. The
// child loses it at execve.
type page struct{ mem []byte }

func newPage() (*page, error) {
	mem, err := unix.Mmap(-1, 0, int(unsafe.Sizeof(report{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, err
	}
	return &page{mem}, nil
}

func (p *page) report() *report { return (*report)(unsafe.Pointer(unsafe.SliceData(p.mem))) }

// free unmaps the page, once.
func (p *page) free() {
	if p != nil && p.mem != nil {
		_ = unix.Munmap(p.mem)
		p.mem = nil
	}
}
