package policy

import (
	"net/netip"
	"strconv"
)

// An Address is what a socket connects to, is bound to or sends to.
type Address struct {
	Proto string     `json:"proto,omitempty"` // tcp, udp, unix, netlink, ...; ip when the socket's kind is not known
	Host  netip.Addr `json:"host,omitzero"`   // tcp, udp, ip; invalid when there is none (net.socket)
	Port  uint16     `json:"port,omitempty"`
	Path  string     `json:"path,omitempty"` // unix: a path, "@NAME" of an abstract socket, or "" of an unnamed one
}

// String writes the address as a rule would name it.
func (a *Address) String() string {
	switch {
	case a.Host.Is4():
		return a.Proto + " " + a.Host.String() + ":" + strconv.Itoa(int(a.Port))
	case a.Host.IsValid():
		return a.Proto + " [" + a.Host.String() + "]:" + strconv.Itoa(int(a.Port))
	case a.Path != "":
		return a.Proto + " " + a.Path
	}
	return a.Proto
}
