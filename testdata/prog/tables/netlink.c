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
	long n;
	register long r10 asm("r10");
	asm volatile("syscall" : "=a"(n) : "a"(SYS_recvmsg), "D"(fd), "S"(m), "d"(flags) : "rcx", "r11", "memory");
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
