// Attributes of a file are changed by an ioctl, for which it need not be open for writing.
#include "attack.h"
#include <linux/fs.h>
#include <sys/ioctl.h>

int main(void)
{
	honest();
	int fd = must(open("secret/victim", O_RDONLY)), flags = 0;
	struct fsxattr x;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
		skip("the file system has no flags: %s", strerror(errno));
	flags ^= FS_NODUMP_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0)
		won("FS_IOC_SETFLAGS");
	if (syscall(SYS_ioctl, fd, FS_IOC_SETFLAGS | 1L << 32, &flags) == 0)
		won("FS_IOC_SETFLAGS + 2^32");
	if (ioctl(fd, FS_IOC_FSGETXATTR, &x) == 0) {
		x.fsx_xflags ^= FS_XFLAG_NODUMP;
		if (ioctl(fd, FS_IOC_FSSETXATTR, &x) == 0)
			won("FS_IOC_FSSETXATTR");
	}
	lost("%s", strerror(errno));
}
