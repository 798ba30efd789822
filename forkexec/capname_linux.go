package forkexec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// capNames are the capabilities, without "CAP_": linux/capability.h.
var capNames = [...]string{
	unix.CAP_CHOWN:              "chown",
	unix.CAP_DAC_OVERRIDE:       "dac_override",
	unix.CAP_DAC_READ_SEARCH:    "dac_read_search",
	unix.CAP_FOWNER:             "fowner",
	unix.CAP_FSETID:             "fsetid",
	unix.CAP_KILL:               "kill",
	unix.CAP_SETGID:             "setgid",
	unix.CAP_SETUID:             "setuid",
	unix.CAP_SETPCAP:            "setpcap",
	unix.CAP_LINUX_IMMUTABLE:    "linux_immutable",
	unix.CAP_NET_BIND_SERVICE:   "net_bind_service",
	unix.CAP_NET_BROADCAST:      "net_broadcast",
	unix.CAP_NET_ADMIN:          "net_admin",
	unix.CAP_NET_RAW:            "net_raw",
	unix.CAP_IPC_LOCK:           "ipc_lock",
	unix.CAP_IPC_OWNER:          "ipc_owner",
	unix.CAP_SYS_MODULE:         "sys_module",
	unix.CAP_SYS_RAWIO:          "sys_rawio",
	unix.CAP_SYS_CHROOT:         "sys_chroot",
	unix.CAP_SYS_PTRACE:         "sys_ptrace",
	unix.CAP_SYS_PACCT:          "sys_pacct",
	unix.CAP_SYS_ADMIN:          "sys_admin",
	unix.CAP_SYS_BOOT:           "sys_boot",
	unix.CAP_SYS_NICE:           "sys_nice",
	unix.CAP_SYS_RESOURCE:       "sys_resource",
	unix.CAP_SYS_TIME:           "sys_time",
	unix.CAP_SYS_TTY_CONFIG:     "sys_tty_config",
	unix.CAP_MKNOD:              "mknod",
	unix.CAP_LEASE:              "lease",
	unix.CAP_AUDIT_WRITE:        "audit_write",
	unix.CAP_AUDIT_CONTROL:      "audit_control",
	unix.CAP_SETFCAP:            "setfcap",
	unix.CAP_MAC_OVERRIDE:       "mac_override",
	unix.CAP_MAC_ADMIN:          "mac_admin",
	unix.CAP_SYSLOG:             "syslog",
	unix.CAP_WAKE_ALARM:         "wake_alarm",
	unix.CAP_BLOCK_SUSPEND:      "block_suspend",
	unix.CAP_AUDIT_READ:         "audit_read",
	unix.CAP_PERFMON:            "perfmon",
	unix.CAP_BPF:                "bpf",
	unix.CAP_CHECKPOINT_RESTORE: "checkpoint_restore",
}

var errCap = errors.New("no capability of that name")

// CapByName is the number of a capability: of "CAP_NET_ADMIN", "net_admin" or "12".
func CapByName(name string) (int, error) {
	if n, err := strconv.ParseUint(name, 10, 6); err == nil {
		return int(n), nil
	}
	word := strings.TrimPrefix(strings.ToLower(name), "cap_")
	for n, have := range capNames {
		if word == have {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s: %w", name, errCap)
}

// capName is a capability as messages have it.
func capName(n int) string {
	if n < len(capNames) {
		return "CAP_" + strings.ToUpper(capNames[n])
	}
	return strconv.Itoa(n)
}
