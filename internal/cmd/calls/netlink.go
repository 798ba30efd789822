package main

import (
	"encoding/binary"
	"syscall"
)

// Of sock_diag(7): include/uapi/linux/{sock_diag,netlink_diag}.h.
const (
	netlinkSockDiag  = 4
	sockDiagByFamily = 20
	ndiagProtoAll    = 255
)

// tellsNetlink reports whether the kernel tells of netlink sockets which protocol they speak, without
// which no tracer knows what their messages are. A kernel whose netlink_diag is a module that is not there does not.
func tellsNetlink() bool {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, netlinkSockDiag)
	if err != nil {
		return false
	}
	defer func() { _ = syscall.Close(fd) }()
	req := binary.LittleEndian.AppendUint32(nil, syscall.NLMSG_HDRLEN+20)
	req = binary.LittleEndian.AppendUint16(req, sockDiagByFamily)
	req = binary.LittleEndian.AppendUint16(req, syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	req = append(req, make([]byte, 8)...) // sequence number, port
	req = append(req, syscall.AF_NETLINK, ndiagProtoAll)
	req = append(req, make([]byte, 18)...)
	if err := syscall.Sendto(fd, req, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return false
	}
	answer := make([]byte, 1<<16)
	n, _, err := syscall.Recvfrom(fd, answer, 0)
	return err == nil && n >= syscall.NLMSG_HDRLEN && binary.LittleEndian.Uint16(answer[4:]) != syscall.NLMSG_ERROR
}
