// Arguments of which the kernel takes 32 bits have others set, which a comparison of
// 64 bits would see.
#include "attack.h"
#include <linux/netlink.h>

#define HIGH (0xdeadul << 32)

int main(void)
{
	honest();
	int dir = must(open("secret", O_RDONLY | O_DIRECTORY));
	if (is_secret(syscall(SYS_openat, HIGH | (unsigned)AT_FDCWD, "secret/key", HIGH)))
		won("openat of AT_FDCWD");
	if (is_secret(syscall(SYS_openat, HIGH | dir, "key", HIGH)))
		won("openat of a directory");
	if (syscall(SYS_unlinkat, HIGH | dir, "victim", HIGH) == 0)
		won("unlinkat");
	if (syscall(SYS_openat, HIGH | (unsigned)AT_FDCWD, "secret/new", HIGH | O_CREAT | O_WRONLY, HIGH | 0644) >= 0)
		won("O_CREAT");
	if (syscall(SYS_socket, HIGH | AF_NETLINK, HIGH | SOCK_RAW, HIGH | NETLINK_ROUTE) >= 0)
		won("socket");
	if (syscall(SYS_prctl, HIGH | PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		won("prctl");
	pid_t pid = helper();
	if (pid == 0)
		for (;;)
			pause();
	int killed = syscall(SYS_kill, HIGH | (unsigned)pid, HIGH | SIGUSR1) == 0;
	kill(getpid(), 0);
	if (killed)
		won("kill");
	lost("%s", strerror(errno));
}
