// A program that is in no directory, or that is this one: memfd, a file without a
// name, a deleted one, /proc/self/exe, and scripts that lead to it. Only what is
// in /bin and /usr/bin may be executed.
#include "attack.h"

extern char **environ;

static void copy(int to)
{
	char b[65536];
	int from = must(open("/proc/self/exe", O_RDONLY));
	for (ssize_t n; (n = read(from, b, sizeof b)) > 0;)
		must(write(to, b, n));
	close(from);
	must(fchmod(to, 0755));
}

// through opens what a writable descriptor refers to for reading: who is written to
// cannot be executed.
static int readable(int fd)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	int r = must(open(name, O_RDONLY));
	close(fd);
	return r;
}

int main(int argc, char **argv)
{
	char name[64], line[80];
	honest();
	if (argc > 1 && strcmp(argv[1], "inner") == 0)
		won("the hidden program ran");
	char *args[] = {"x", "inner", NULL};
	char *mode = argv[1];
	if (strcmp(mode, "self_exe") == 0) {
		execve("/proc/self/exe", args, environ);
		lost("%s", strerror(errno));
	}
	int fd = -1;
	if (strcmp(mode, "memfd") == 0 || strcmp(mode, "memfd_proc") == 0 || strcmp(mode, "memfd_script") == 0)
		fd = must(memfd_create("x", 0));
	else if (strcmp(mode, "tmpfile") == 0) {
		fd = open(".", O_TMPFILE | O_RDWR, 0755);
		if (fd < 0)
			skip("no O_TMPFILE: %s", strerror(errno));
	} else if (strcmp(mode, "deleted") == 0) {
		fd = must(open("gone", O_CREAT | O_RDWR, 0755));
		must(unlink("gone"));
	}
	copy(fd);
	fd = readable(fd);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (strcmp(mode, "memfd_script") == 0) {
		snprintf(line, sizeof line, "#!%s\n", name);
		put("script", line);
		must(chmod("script", 0755));
		char *script[] = {"x", NULL};
		// The interpreter's first argument is the script's name.
		must(symlink("script", "inner"));
		execve("inner", script, environ);
	} else if (strcmp(mode, "memfd_proc") == 0)
		execve(name, args, environ);
	else
		syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH);
	lost("%s", strerror(errno));
}
