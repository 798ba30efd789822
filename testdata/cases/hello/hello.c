#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
	char name[64] = "world";
	if (argc > 1)
		snprintf(name, sizeof name, "%s", argv[1]);
	else if (fgets(name, sizeof name, stdin))
		name[strcspn(name, "\n")] = 0;
	printf("hello, %s\n", name);
	return name[0] ? 0 : 3;
}
