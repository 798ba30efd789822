// The file is opened through the i386 entry of a 64-bit program: by i386's number
// of open, which is amd64's of getpid's neighbours.
#include "attack.h"
#include "foreign.h"

static void none(int sig)
{
	(void)sig;
	skip("this kernel runs no i386 calls");
}

int main(void)
{
	NOT_HERE;
	honest();
	char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (low == MAP_FAILED)
		broken("mmap: %s", strerror(errno));
	signal(SIGSEGV, none);
#ifdef __x86_64__
	strcpy(low, "secret/key");
	long fd = int80(5 /* open */, (long)low, O_RDONLY, 0);
	if (fd == -ENOSYS && int80(20 /* getpid */, 0, 0, 0) != getpid())
		lost("int $0x80: ENOSYS");
	if (fd >= 0 && is_secret(fd))
		won("open");
	fd = int80(295 /* openat */, AT_FDCWD, (long)low, O_RDONLY);
	if (fd >= 0 && is_secret(fd))
		won("openat");
	lost("%s", strerror(-fd));
#endif
}
