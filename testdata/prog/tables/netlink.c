// Is loaded into a tracer that asks the kernel for the protocol of run.c's netlink
// sockets (sock_diag(7)): where the kernel lacks the protocol, the answer is
// about a socket for users, and the protocol that was meant is in its address.
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// No library is used: the tracer's may be another than ours.
ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
#if defined __x86_64__
	long n;
	asm volatile("syscall" : "=a"(n) : "a"(SYS_recvmsg), "D"(fd), "S"(m), "d"(flags) : "rcx", "r11", "memory");
#elif defined __aarch64__
	register long nr asm("x8") = SYS_recvmsg, n asm("x0") = fd, b asm("x1") = (long)m, c asm("x2") = flags;
	asm volatile("svc 0" : "+r"(n) : "r"(nr), "r"(b), "r"(c) : "memory");
#elif defined __arm__
	// -marm: r7 is Thumb's frame pointer.
	register long nr asm("r7") = SYS_recvmsg, n asm("r0") = fd, b asm("r1") = (long)m, c asm("r2") = flags;
	asm volatile("svc #0" : "+r"(n) : "r"(nr), "r"(b), "r"(c) : "memory");
#elif defined __riscv
	register long nr asm("a7") = SYS_recvmsg, n asm("a0") = fd, b asm("a1") = (long)m, c asm("a2") = flags;
	asm volatile("ecall" : "+r"(n) : "r"(nr), "r"(b), "r"(c) : "memory");
#endif
	char *p = n > 0 && m->msg_iovlen == 1 ? m->msg_iov->iov_base : 0;
	for (long left = n; p && left >= (long)sizeof(struct nlmsghdr);) {
		struct nlmsghdr *h = (struct nlmsghdr *)p;
		struct netlink_diag_msg *d = NLMSG_DATA(h);
		if (h->nlmsg_len < sizeof *h || h->nlmsg_len > left)
			break;
		if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY && h->nlmsg_len >= NLMSG_LENGTH(sizeof *d) &&
		    d->ndiag_family == AF_NETLINK && d->ndiag_portid >> 8 == 0x7e0000)
			d->ndiag_protocol = d->ndiag_portid & 0xff;
		p += NLMSG_ALIGN(h->nlmsg_len);
		left -= NLMSG_ALIGN(h->nlmsg_len);
	}
	return n;
}
