package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/**
 * Makes Jackson follow the records' own rule: a component is required, and not null, unless it is {@code @Nullable}.
 */
final class RecordRules extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
        RecordComponent component = component(member);
        return component == null ? super.hasRequiredMarker(member) : (Boolean) !isNullable(component);
    }

    @Override
    public JsonSetter.Value findSetterInfo(Annotated annotated) {
        RecordComponent component = annotated instanceof AnnotatedMember member ? component(member) : null;
        if (component == null) {
            return super.findSetterInfo(annotated);
        }
        return JsonSetter.Value.construct(isNullable(component) ? Nulls.DEFAULT : Nulls.FAIL, Nulls.FAIL);
    }

    private static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static @Nullable RecordComponent component(AnnotatedMember member) {
        RecordComponent[] components = member.getDeclaringClass().getRecordComponents();
        if (components == null) {
            return null;
        }
        if (member instanceof AnnotatedParameter parameter) {
            return components.length == parameter.getOwner().getParameterCount()
                    ? components[parameter.getIndex()]
                    : null;
        }
        for (RecordComponent component : components) {
            if (component.getName().equals(member.getName())) {
                return component;
            }
        }
        return null;
    }
}
