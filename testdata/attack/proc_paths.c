// The many names that /proc has for a file: descriptors, roots and working
// directories of this and of other tasks.
#include "attack.h"

static void try(const char *format, ...)
{
	char name[256];
	va_list ap;
	va_start(ap, format);
	vsnprintf(name, sizeof name, format, ap);
	va_end(ap);
	if (is_secret(open(name, O_RDONLY)))
		won("%s", name);
}

static void *wait_for_ever(void *unused)
{
	while (pause() != 0)
		;
	return unused;
}

int main(void)
{
	char cwd[4096];
	honest();
	must(getcwd(cwd, sizeof cwd) == NULL ? -1 : 0);
	int fd = open("secret/key", O_PATH), dir = open("secret", O_PATH), dot = open(".", O_PATH);
	pid_t child = helper();
	if (child == 0)
		wait_for_ever(NULL);
	start(wait_for_ever, NULL);
	pid_t tids[2] = {getpid(), child};
	try("/proc/self/fd/%d", fd);
	try("/dev/fd/%d", fd);
	try("/proc/thread-self/fd/%d", fd);
	try("/proc/self/fd/%d/key", dir);
	try("/proc/self/fd/%d/secret/key", dot);
	try("/proc/self/cwd/secret/key");
	try("/proc/self/root%s/secret/key", cwd);
	try("/proc/thread-self/root%s/secret/key", cwd);
	try("/proc/1/root%s/secret/key", cwd);
	for (int i = 0; i < 2; i++) {
		try("/proc/%d/root%s/secret/key", tids[i], cwd);
		try("/proc/%d/cwd/secret/key", tids[i]);
		try("/proc/%d/task/%d/cwd/secret/key", tids[i], tids[i]);
		try("/proc/%d/fd/%d", tids[i], fd);
		try("/proc/%d/fd/%d/key", tids[i], dir);
		try("/proc/%d/task/%d/root/proc/self/cwd/secret/key", tids[i], tids[i]);
	}
	try("/proc/self/map_files/../cwd/secret/key");
	try("/proc/self/fd/%d/../secret/key", dir);
	kill(child, SIGKILL);
	lost("%s", strerror(errno));
}
