// The page in which the path lies is not there: who reads it waits until the program
// says what it holds. The supervisor must neither wait for ever nor let the call
// pass; a second reading finds other words.
#include "attack.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

static int uffd;
static char *page;

// serve gives the page to each who asks for it, and takes it away again: every
// reading finds other words.
static void *serve(void *unused)
{
	static char text[2][4096] = {"open/key", "secret/key"};
	for (int i = 0;; i = 1) {
		struct uffd_msg m;
		if (read(uffd, &m, sizeof m) != sizeof m)
			return unused;
		struct uffdio_copy c = {.dst = (uintptr_t)page, .src = (uintptr_t)text[i], .len = 4096};
		if (getenv("STRAIT_ATTACKED") == NULL)
			c.src = (uintptr_t)text[1];
		ioctl(uffd, UFFDIO_COPY, &c);
		if (i == 0)
			madvise(page, 4096, MADV_DONTNEED);
	}
}

int main(void)
{
	honest();
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0)
		skip("userfaultfd: %s", strerror(errno));
	struct uffdio_api api = {.api = UFFD_API};
	must(ioctl(uffd, UFFDIO_API, &api));
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register r = {.range = {(uintptr_t)page, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING};
	must(ioctl(uffd, UFFDIO_REGISTER, &r));
	start(serve, NULL);
	if (is_secret(syscall(SYS_openat, AT_FDCWD, page, O_RDONLY)))
		won("open");
	lost("%s", strerror(errno));
}
