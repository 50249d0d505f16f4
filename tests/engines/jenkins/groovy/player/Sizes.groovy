package player

import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.MultipleCompilationErrorsException
import org.codehaus.groovy.control.Phases

/** How many bytes the methods of a file take, each of its own, when it is compiled as Jenkins compiles it. */
class Sizes {
    /** The bytes of each method by name; null where Groovy can't write the class for a method too large. */
    static Map<String, Integer> of(String text) {
        def unit = new CompilationUnit(new CompilerConfiguration().addCompilationCustomizers(new OneMethod()))
        unit.addSource('WorkflowScript.groovy', text)
        try {
            unit.compile(Phases.CLASS_GENERATION)
        } catch (MultipleCompilationErrorsException refused) {
            if (refused.message =~ /(?i)method.*too large/) { return null }
            throw refused
        }
        read(unit.classes.find { it.name == 'WorkflowScript' }.bytes)
    }

    /** The lengths of the code of a class file's methods (JVM specification, chapter 4). */
    private static Map<String, Integer> read(byte[] bytes) {
        def input = new DataInputStream(new ByteArrayInputStream(bytes))
        input.skipBytes(8)
        def names = constants(input)
        input.skipBytes(6)
        input.skipBytes(2 * input.readUnsignedShort())
        Map<String, Integer> found = [:]
        2.times { part ->
            input.readUnsignedShort().times {
                input.skipBytes(2)
                def name = names[input.readUnsignedShort()]
                input.skipBytes(2)
                input.readUnsignedShort().times {
                    def attribute = names[input.readUnsignedShort()]
                    int length = input.readInt()
                    if (attribute == 'Code') {
                        input.skipBytes(4)
                        found[name] = input.readInt()
                        length -= 8
                    }
                    input.skipBytes(length)
                }
            }
        }
        found
    }

    private static Map<Integer, String> constants(DataInputStream input) {
        Map<Integer, String> names = [:]
        int count = input.readUnsignedShort()
        for (int index = 1; index < count; index++) {
            switch (input.readUnsignedByte()) {
                case 1: names[index] = input.readUTF(); break
                case [7, 8, 16, 19, 20]: input.skipBytes(2); break
                case 15: input.skipBytes(3); break
                case [5, 6]: input.skipBytes(8); index++; break
                default: input.skipBytes(4)
            }
        }
        names
    }
}
