// The file is opened by an x32 number.
#include "attack.h"
#include "foreign.h"

#define X32 0x40000000

int main(void)
{
	NOT_HERE;
	honest();
	long fd = syscall(X32 + 257, AT_FDCWD, "secret/key", O_RDONLY);
	if (fd >= 0 && is_secret(fd))
		won("openat");
	fd = syscall(X32 + 2, "secret/key", O_RDONLY);
	if (fd >= 0 && is_secret(fd))
		won("open");
	if (errno == ENOSYS && getenv("STRAIT_ATTACKED") == NULL)
		skip("this kernel has no x32 calls");
	lost("%s", strerror(errno));
}
