// Calls that the kernel has to make itself, or that leave something behind which tells
// of a file: a thread changes the path between the decision and the kernel's reading it.
#include "attack.h"
#include <sys/inotify.h>

static char path[64];
static const char *good, *bad;

static void *flip(void *unused)
{
	while (!over) {
		memcpy(path, bad, strlen(bad) + 1);
		settled();
		memcpy(path, good, strlen(good) + 1);
		settled();
	}
	return unused;
}

// opath gets a descriptor that gives the file's size.
static int opath(void)
{
	struct stat st;
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC);
	int got = fd >= 0 && fstat(fd, &st) == 0 ? 1 + (st.st_size > 100) : 0;
	close(fd);
	return got;
}

static int here;

static int chdir_to(void)
{
	char cwd[4096];
	must(fchdir(here));
	if (syscall(SYS_chdir, path) != 0)
		return 0;
	return 1 + (getcwd(cwd, sizeof cwd) != NULL && strstr(cwd, "/secret") != NULL);
}

// access_as asks with other ids than those that files are opened with. evil may be
// executed.
static int access_as(void)
{
	return syscall(SYS_access, path, X_OK) == 0 ? 2 : syscall(SYS_access, path, R_OK) == 0;
}

// watched asks which file is watched.
static int watched(void)
{
	static struct stat st;
	char name[64], b[256] = "", *ino;
	if (st.st_ino == 0)
		must(stat("open", &st));
	int fd = must(inotify_init1(IN_CLOEXEC));
	int got = syscall(SYS_inotify_add_watch, fd, path, IN_ALL_EVENTS) > 0;
	snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
	int info = got ? must(open(name, O_RDONLY)) : -1;
	if (info >= 0)
		must(read(info, b, sizeof b - 1));
	close(info);
	close(fd);
	ino = strstr(b, "inotify wd:");
	return ino != NULL && (ino = strstr(ino, "ino:")) != NULL ? 1 + (strtoul(ino + 4, NULL, 16) != st.st_ino) : 0;
}

union handle {
	struct file_handle h;
	char room[sizeof(struct file_handle) + 128];
};

static int handle(void)
{
	static union handle want;
	union handle u = {.h.handle_bytes = 128};
	int mount_id;
	if (want.h.handle_bytes == 0) {
		want.h.handle_bytes = 128;
		if (name_to_handle_at(AT_FDCWD, good, &want.h, &mount_id, 0) != 0)
			skip("the file system has no handles");
	}
	if (syscall(SYS_name_to_handle_at, AT_FDCWD, path, &u.h, &mount_id, 0) != 0)
		return 0;
	return 1 + (memcmp(want.h.f_handle, u.h.f_handle, want.h.handle_bytes) != 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *good, *bad;
		int (*call)(void);
	} kinds[] = {
		{"opath", "open/file", "secret/evil", opath}, {"chdir", "open", "secret", chdir_to},
		{"access", "open/file", "secret/evil", access_as}, {"inotify", "open", "secret", watched},
		{"handle", "open/file", "secret/evil", handle},
	};
	long n = tries(argc, argv), allowed = 0;
	honest();
	unsigned k = 0;
	while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k].name, argc > 1 ? argv[1] : "") != 0)
		k++;
	if (k == sizeof kinds / sizeof *kinds)
		broken("what is that?");
	here = must(open(".", O_RDONLY | O_DIRECTORY));
	if (kinds[k].call == access_as && (geteuid() != 0 || setresuid(0, 65534, 0) != 0))
		skip("only root is somebody else");
	good = kinds[k].good;
	bad = kinds[k].bad;
	strcpy(path, good);
	kinds[k].call();
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int got = kinds[k].call();
		if (got > 1)
			won("call %ld", i);
		allowed += got;
	}
	if (allowed == 0)
		broken("not even what is public is allowed");
	lost("0 of %ld", n);
}
