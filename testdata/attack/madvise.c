// The memory of another process is thrown away by process_madvise, or read.
#include "attack.h"
#include <sys/uio.h>

int main(void)
{
	honest();
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(page, "judged");
	int p[2];
	must(pipe(p));
	pid_t pid = helper();
	if (pid == 0) {
		char c;
		must(read(p[0], &c, 1));
		_exit(page[0] == 0 ? WON : LOST);
	}
	struct iovec v = {page, 4096};
	int pidfd = must(syscall(SYS_pidfd_open, pid, 0));
	long n = syscall(440 /* process_madvise */, pidfd, &v, 1, MADV_DONTNEED, 0);
	int e = errno;
	must(write(p[1], "", 1));
	if (exited(pid) == WON)
		won("process_madvise");
	if (n < 0 && (e == EINVAL || e == ENOSYS) && getenv("STRAIT_ATTACKED") == NULL)
		skip("this kernel's process_madvise throws nothing away");
	lost("%s", strerror(e));
}
