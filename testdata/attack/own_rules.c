// Not an attack: what the program has forbidden itself stays forbidden, although the
// supervisor does things for it. It wins with strait, too.
#include "attack.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>


static void filter(void)
{
	struct sock_filter f[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_openat},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EXDEV},
	};
	struct sock_fprog p = {sizeof f / sizeof *f, f};
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
}

int main(void)
{
	honest();
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	filter();
	if (syscall(SYS_openat, AT_FDCWD, "open/file", O_RDONLY) >= 0)
		lost("a file was opened");
	if (errno != EXDEV)
		lost("open: %s", strerror(errno));
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		lost("no_new_privs is gone");
	// A child is under the same.
	pid_t pid = helper();
	if (pid == 0)
		_exit(syscall(SYS_openat, AT_FDCWD, "open/file", O_RDONLY) >= 0 ? LOST : WON);
	if (exited(pid) != WON)
		lost("a child opened the file");
	won("its own rules hold");
}
