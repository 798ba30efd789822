package main

// shimFiles returns the libc headers that kernel headers include, cut down to
// what those need. The kernel's own types stand in for libc's: a libc of the
// build machine would decide about the facts of another architecture.
func shimFiles() map[string]string {
	const in = "#include <linux/in.h>\n#include <linux/in6.h>\n"
	return map[string]string{
		"stddef.h": "typedef __SIZE_TYPE__ size_t; typedef __PTRDIFF_TYPE__ ptrdiff_t;\n" +
			"#ifndef NULL\n#define NULL ((void *)0)\n#endif\n" +
			"#define offsetof(t, m) __builtin_offsetof(t, m)\n",
		"stdint.h":      stdintShim,
		"stdbool.h":     "#define bool _Bool\n",
		"stdarg.h":      "typedef __builtin_va_list va_list;\n",
		"limits.h":      limitsShim,
		"stdlib.h":      "#include <stddef.h>\n",
		"stdio.h":       "",
		"string.h":      "#include <stddef.h>\n",
		"errno.h":       "#include <linux/errno.h>\n",
		"endian.h":      "#include <asm/byteorder.h>\n",
		"unistd.h":      "#include <sys/types.h>\n",
		"time.h":        "#include <linux/time.h>\n#include <sys/types.h>\n",
		"sys/types.h":   typesShim,
		"sys/time.h":    "#include <linux/time.h>\n#include <sys/types.h>\n",
		"sys/ioctl.h":   "#include <linux/ioctl.h>\n#include <asm/ioctls.h>\n",
		"sys/param.h":   "#include <linux/param.h>\n",
		"sys/socket.h":  socketShim,
		"sys/un.h":      "#include <sys/socket.h>\n#include <linux/un.h>\n",
		"net/if.h":      "#include <sys/socket.h>\n#include <linux/if.h>\n",
		"net/if_arp.h":  "#include <linux/if_arp.h>\n",
		"netinet/in.h":  in,
		"netinet/ip.h":  "#include <linux/ip.h>\n",
		"netinet/tcp.h": "#include <linux/tcp.h>\n",
		"arpa/inet.h":   in,

		"shim/kernel.h":      kernelShim,
		"netinet/if_ether.h": "#include <linux/if_ether.h>\n",
		"xen/interface/xen.h": "#include <linux/types.h>\n" +
			"typedef __u16 domid_t; typedef __u32 grant_ref_t; typedef unsigned long xen_pfn_t;\n",
	}
}

const limitsShim = `
#include <linux/limits.h>
#define INT_MAX __INT_MAX__
#define UINT_MAX (__INT_MAX__ * 2U + 1)
#define ULONG_MAX (__LONG_MAX__ * 2UL + 1)
`

// kernelShim has words of include/linux/bits.h, types.h and limits.h in the
// kernel, and the levels of its include/linux/socket.h.
const kernelShim = `
typedef __u8 u8; typedef __u16 u16; typedef __u32 u32; typedef __u64 u64;
typedef __u32 compat_ulong_t; typedef __s32 compat_int_t; typedef __u32 compat_uint_t;
#define U16_MAX 0xffffU
#define U32_MAX 0xffffffffU
#define U64_MAX 0xffffffffffffffffULL
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define __GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (__SIZEOF_LONG__ * 8 - 1 - (h))))
#define GENMASK(h, l) __GENMASK(h, l)
#define SOL_ATM 264
`

const stdintShim = `
typedef __INT8_TYPE__ int8_t; typedef __UINT8_TYPE__ uint8_t;
typedef __INT16_TYPE__ int16_t; typedef __UINT16_TYPE__ uint16_t;
typedef __INT32_TYPE__ int32_t; typedef __UINT32_TYPE__ uint32_t;
typedef __INT64_TYPE__ int64_t; typedef __UINT64_TYPE__ uint64_t;
typedef __INTPTR_TYPE__ intptr_t; typedef __UINTPTR_TYPE__ uintptr_t;
#define UINT32_MAX 0xffffffffU
#define UINT64_MAX 0xffffffffffffffffULL
`

const typesShim = `
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include <linux/posix_types.h>
typedef __kernel_mode_t mode_t; typedef __kernel_pid_t pid_t;
typedef __kernel_uid32_t uid_t; typedef __kernel_gid32_t gid_t;
typedef __kernel_off_t off_t; typedef __kernel_loff_t loff_t;
typedef __kernel_ssize_t ssize_t; typedef __kernel_time_t time_t;
typedef __kernel_clock_t clock_t; typedef __kernel_daddr_t daddr_t;
typedef __kernel_caddr_t caddr_t; typedef __kernel_suseconds_t suseconds_t;
typedef __kernel_key_t key_t; typedef unsigned int dev_t; typedef unsigned long ino_t;
typedef unsigned char u_char; typedef unsigned short u_short;
typedef unsigned int u_int; typedef unsigned long u_long;
typedef uint8_t u_int8_t; typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t; typedef uint64_t u_int64_t;
`

// socketShim has what the kernel keeps in its private include/linux/socket.h.
const socketShim = `
#include <sys/types.h>
#include <linux/socket.h>
typedef unsigned short sa_family_t; typedef unsigned int socklen_t;
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_storage { sa_family_t ss_family; char ss_data[126]; } __attribute__((aligned(8)));
`
