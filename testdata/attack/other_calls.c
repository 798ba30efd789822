// Calls that do what better known ones do, and flags that make something else of
// a harmless one.
#include "attack.h"
#include <linux/openat2.h>
#include <sys/xattr.h>

static void openat2_flags(void)
{
	static const uint64_t resolve[] = {0, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS, RESOLVE_CACHED, RESOLVE_NO_XDEV};
	int dir = must(open("secret", O_PATH));
	for (unsigned i = 0; i < sizeof resolve / sizeof *resolve; i++) {
		struct open_how how = {.flags = O_RDONLY, .resolve = resolve[i]};
		if (is_secret(syscall(SYS_openat2, AT_FDCWD, "secret/key", &how, sizeof how)))
			won("openat2 %#lx", (long)resolve[i]);
		if (is_secret(syscall(SYS_openat2, dir, "key", &how, sizeof how)))
			won("openat2 of a directory %#lx", (long)resolve[i]);
		if (is_secret(syscall(SYS_openat2, dir, "/key", &how, sizeof how)))
			won("openat2 of a root %#lx", (long)resolve[i]);
		struct {
			struct open_how how;
			uint64_t more;
		} longer = {how, 0};
		if (is_secret(syscall(SYS_openat2, dir, "key", &longer, sizeof longer)))
			won("openat2 with a longer structure %#lx", (long)resolve[i]);
	}
}

static void changes(void)
{
	struct stat st;
	truncate("secret/victim", 0);
	close(open("secret/victim", O_RDONLY | O_TRUNC));
	close(open("secret/victim", O_WRONLY | O_TRUNC));
	close(creat("secret/victim", 0600));
	must(stat("secret/victim", &st));
	if (st.st_size == 0)
		won("it was truncated");
	int fd = must(open("secret/victim", O_RDONLY));
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (chmod("secret/victim", 0) == 0 || fchmod(fd, 0) == 0 || chmod(name, 0) == 0 || fchmodat(AT_FDCWD, name, 0, 0) == 0)
		won("chmod");
	if (open(name, O_WRONLY) >= 0 || open(name, O_RDWR) >= 0)
		won("opened again for writing");
	if (chown("secret/victim", -1, -1) == 0 || fchown(fd, -1, -1) == 0 || fchownat(fd, "", -1, -1, AT_EMPTY_PATH) == 0)
		won("chown");
	struct timespec t[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	if (syscall(SYS_utimensat, fd, NULL, t, 0) == 0 || futimens(fd, t) == 0)
		won("utimensat of a descriptor");
	if (syscall(SYS_fchmodat, AT_FDCWD, "secret/victim", 0) == 0 || syscall(452 /* fchmodat2 */, fd, "", 0, AT_EMPTY_PATH) == 0)
		won("fchmodat2");
	if (fsetxattr(fd, "user.x", "1", 1, 0) == 0)
		won("fsetxattr");
	if (syscall(SYS_renameat2, AT_FDCWD, "secret/victim", AT_FDCWD, "open/file", 2) == 0)
		won("RENAME_EXCHANGE");
	if (syscall(SYS_renameat2, AT_FDCWD, "open/file", AT_FDCWD, "secret/victim", 0) == 0)
		won("rename over it");
	int tmp = open("open", O_TMPFILE | O_RDWR, 0600);
	if (tmp >= 0 && linkat(tmp, "", AT_FDCWD, "secret/new", AT_EMPTY_PATH) == 0)
		won("linkat of O_TMPFILE");
	snprintf(name, sizeof name, "/proc/self/fd/%d", tmp);
	if (tmp >= 0 && linkat(AT_FDCWD, name, AT_FDCWD, "secret/new", AT_SYMLINK_FOLLOW) == 0)
		won("linkat of O_TMPFILE by /proc");
	if (open("secret", O_TMPFILE | O_RDWR, 0600) >= 0)
		won("O_TMPFILE");
	must(symlink("../secret/dangling", "open/dangling"));
	if (open("open/dangling", O_CREAT | O_WRONLY, 0600) >= 0)
		won("O_CREAT through a link");
	// A socket is a name, too.
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "secret/sock"};
	if (bind(must(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&a, sizeof a) == 0)
		won("bind");
}

int main(void)
{
	honest();
	openat2_flags();
	changes();
	lost("%s", strerror(errno));
}
