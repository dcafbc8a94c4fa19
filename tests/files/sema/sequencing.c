// Modifications without an order between them.
int ext(int, int);
int run(int i, int *p, int c)
{
	i = i++;                  // warning[unsequenced]: multiple unsequenced modifications to 'i'
	i = i++ + i++;            // warning[unsequenced]: multiple unsequenced modifications to 'i'
	i = i-- + i;              // warning[unsequenced]: unsequenced modification and access to 'i'
	ext(i, i++);              // warning[unsequenced]: unsequenced modification and access to 'i'
	i += i++;                 // warning[unsequenced]: to 'i'
	p[i] = i++;               // warning[unsequenced]: unsequenced modification and access to 'i'
	i = (i = 1) + 1;          // warning[unsequenced]: multiple unsequenced modifications to 'i'
	i = i + 1;
	i = (c++, c);
	c && i++ && i;
	i = c ? i++ : i;          // warning[unsequenced]: multiple unsequenced modifications to 'i'
	p[i++] = c;
	*p++ = c++;
	ext(i++, c++);
	return i++ + i;           // warning[unsequenced]: unsequenced modification and access to 'i'
}
