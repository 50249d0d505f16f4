import groovy.json.JsonOutput
import groovy.json.JsonSlurper

// A request is one line: a path, or {"text": …}; the answer is one line of JSON. Ends with its input.
def out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, 'UTF-8')
System.in.eachLine('UTF-8') { line ->
    try {
        def text = line.startsWith('{') ? new JsonSlurper().parseText(line).text : new File(line).getText('UTF-8')
        out.println(JsonOutput.toJson(new DeclarativeLinter(text).run()))
    } catch (Exception | StackOverflowError failure) {
        out.println(JsonOutput.toJson([failure: failure.toString()]))
    }
}
